import { readFileSync } from 'node:fs';

/** What the command line asks for. */
export interface FakeOptions {
  readonly model?: string;
  readonly resume?: string;
  readonly sessionId?: string;
  readonly permissionMode: string;
  readonly maxTurns: number;
  readonly maxBudgetUsd: number;
  readonly tools?: readonly string[];
  readonly allowedTools: readonly string[];
  readonly disallowedTools: readonly string[];
  readonly mcpServers: readonly string[];
  readonly forkSession: boolean;
  readonly partialMessages: boolean;
  readonly persistent: boolean;
  readonly wantsSchema: boolean;
  readonly askedVersion: boolean;
}

type Arity = 'none' | 'one' | 'maybe' | 'many';

/** As the CLI reads a command line: what stands after a flag that takes many belongs to that flag. */
const flags: Readonly<Record<string, Arity>> = {
  '--add-dir': 'many',
  '--agents': 'one',
  '--allow-dangerously-skip-permissions': 'none',
  '--allowedTools': 'many',
  '--append-system-prompt': 'one',
  '--bare': 'none',
  '--betas': 'many',
  '--dangerously-skip-permissions': 'none',
  '--debug': 'maybe',
  '--disable-slash-commands': 'none',
  '--disallowedTools': 'many',
  '--effort': 'one',
  '--exclude-dynamic-system-prompt-sections': 'none',
  '--fallback-model': 'one',
  '--fork-session': 'none',
  '--include-hook-events': 'none',
  '--include-partial-messages': 'none',
  '--input-format': 'one',
  '--json-schema': 'one',
  '--max-budget-usd': 'one',
  '--max-turns': 'one',
  '--mcp-config': 'many',
  '--model': 'one',
  '--no-session-persistence': 'none',
  '--output-format': 'one',
  '--permission-mode': 'one',
  '--permission-prompt-tool': 'one',
  '--plugin-dir': 'one',
  '--print': 'none',
  '--replay-user-messages': 'none',
  '--resume': 'maybe',
  '--safe-mode': 'none',
  '--session-id': 'one',
  '--setting-sources': 'one',
  '--settings': 'one',
  '--strict-mcp-config': 'none',
  '--system-prompt': 'one',
  '--tools': 'many',
  '--verbose': 'none',
  '--version': 'none',
};

const shortFlags: Readonly<Record<string, string>> = {
  '-p': '--print',
  '-r': '--resume',
  '-v': '--version',
  '-d': '--debug',
  '--allowed-tools': '--allowedTools',
  '--disallowed-tools': '--disallowedTools',
};

const permissionModes = ['acceptEdits', 'auto', 'bypassPermissions', 'default', 'dontAsk', 'manual', 'plan'];
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** Reads the command line, or says in the CLI's words what is wrong with it. */
export function readOptions(args: readonly string[]): FakeOptions | { readonly refused: string } {
  const given = readFlags(args);
  if ('refused' in given) return given;
  const { values } = given;
  const one = (flag: string) => values.get(flag)?.at(-1);
  const options = {
    askedVersion: values.has('--version'),
    ...(one('--model') === undefined ? {} : { model: one('--model') ?? '' }),
    ...(values.has('--resume') ? { resume: one('--resume') ?? '' } : {}),
    ...(one('--session-id') === undefined ? {} : { sessionId: one('--session-id') ?? '' }),
    ...(values.has('--tools') ? { tools: names(values.get('--tools')) } : {}),
    permissionMode: values.has('--dangerously-skip-permissions')
      ? 'bypassPermissions'
      : (one('--permission-mode') ?? 'default'),
    maxTurns: Number(one('--max-turns') ?? 0),
    maxBudgetUsd: Number(one('--max-budget-usd') ?? Infinity),
    allowedTools: names(values.get('--allowedTools')),
    disallowedTools: names(values.get('--disallowedTools')),
    mcpServers: mcpServerNames(values.get('--mcp-config')),
    forkSession: values.has('--fork-session'),
    partialMessages: values.has('--include-partial-messages'),
    persistent: !values.has('--no-session-persistence'),
    wantsSchema: values.has('--json-schema'),
  };
  const refused = options.askedVersion ? undefined : refusal(values);
  return refused === undefined ? options : { refused };
}

function readFlags(
  args: readonly string[],
): { readonly values: ReadonlyMap<string, readonly string[]> } | { readonly refused: string } {
  const values = new Map<string, string[]>();
  let open: { readonly flag: string; readonly arity: Arity } | undefined;
  for (const arg of args) {
    if (open !== undefined && (!arg.startsWith('-') || open.arity === 'one')) {
      values.get(open.flag)?.push(arg);
      if (open.arity !== 'many') open = undefined;
      continue;
    }
    if (!arg.startsWith('-')) continue;
    const [name = '', ...inline] = arg.startsWith('--') ? arg.split('=') : [arg];
    const flag = shortFlags[name] ?? name;
    const arity = flags[flag];
    if (arity === undefined) return { refused: `error: unknown option '${name}'` };
    values.set(flag, [...(values.get(flag) ?? []), ...(inline.length > 0 ? [inline.join('=')] : [])]);
    open = arity === 'none' || inline.length > 0 ? undefined : { flag, arity };
  }
  if (open?.arity === 'one') return { refused: `error: option '${open.flag} <value>' argument missing` };
  return { values };
}

function refusal(values: ReadonlyMap<string, readonly string[]>): string | undefined {
  const one = (flag: string) => values.get(flag)?.at(-1);
  if (!values.has('--print')) return 'error: the fake Claude speaks only with --print';
  const mode = one('--permission-mode');
  if (mode !== undefined && !permissionModes.includes(mode)) {
    return `error: option '--permission-mode <mode>' argument '${mode}' is invalid. Allowed choices are ${permissionModes.join(', ')}.`;
  }
  if (one('--output-format') !== 'stream-json') {
    return 'Error: --input-format=stream-json requires output-format=stream-json.';
  }
  if (!values.has('--verbose')) {
    return 'Error: When using --print, --output-format=stream-json requires --verbose';
  }
  if (one('--input-format') !== 'stream-json') {
    return 'Error: Input must be provided either through stdin or as a prompt argument when using --print';
  }
  return sessionRefusal(values);
}

function sessionRefusal(values: ReadonlyMap<string, readonly string[]>): string | undefined {
  const sessionId = values.get('--session-id')?.at(-1);
  if (sessionId !== undefined && !uuid.test(sessionId)) {
    return 'Error: Invalid session ID. Must be a valid UUID.';
  }
  if (sessionId !== undefined && values.has('--resume') && !values.has('--fork-session')) {
    return 'Error: --session-id can only be used with --continue or --resume if --fork-session is also specified.';
  }
  return undefined;
}

function names(values: readonly string[] = []): readonly string[] {
  return values.flatMap((value) => value.split(/[\s,]+(?![^(]*\))/)).filter((name) => name !== '');
}

function mcpServerNames(configs: readonly string[] = []): readonly string[] {
  return configs.flatMap(serverNames);
}

function serverNames(config: string): readonly string[] {
  const text = config.trimStart().startsWith('{') ? config : readFileSync(config, 'utf8');
  const parsed: { readonly mcpServers?: object } = JSON.parse(text);
  return Object.keys(parsed.mcpServers ?? {});
}
