import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { fakeClaude } from '../../src/testing/fake-claude.ts';
import type { FakeClaudeOptions } from '../../src/testing/fake-claude.ts';
import type { Answer, Script } from '../../src/testing/script.ts';

/** A line of the CLI, or of the journal, as far as these tests look at it. */
interface Line {
  readonly type: string;
  readonly subtype?: string;
  readonly session_id?: string;
  readonly total_cost_usd?: number;
  readonly result?: string;
  readonly event?: { readonly type: string };
  readonly modelUsage?: object;
  readonly model_usage_since_last_result?: Readonly<Record<string, { readonly costUSD: number }>>;
}

const versions = ['2.1.330', '2.1.197'] as const;
const flags = ['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
const usage = { inputTokens: 1000, outputTokens: 50, cacheReadTokens: 300, cacheWriteTokens: 200 };
const priced: Script = { rules: [], otherwise: [{ echo: true, usage }] };
const sonnet = ['--model', 'claude-sonnet-5'];

test('`--version` prints the version it plays', async () => {
  const claude = await start({ script: priced, version: '2.1.197' }, ['--version']);

  await claude.exit;

  expect(claude.text()).toBe('2.1.197 (Claude Code)\n');
});

test.each([
  { args: [...flags, '--bogus'], reason: "error: unknown option '--bogus'" },
  { args: flags.slice(0, -1), reason: '--output-format=stream-json requires --verbose' },
  { args: [...flags, '--permission-mode', 'zzz'], reason: "argument 'zzz' is invalid" },
  { args: [...flags, '--session-id', 'zzz'], reason: 'Invalid session ID' },
  { args: flags.slice(1), reason: '--print' },
])('$args is refused', async ({ args, reason }) => {
  const claude = await start({ script: priced }, args);

  expect(await claude.exit).toEqual([1, null]);
  expect(claude.errors()).toContain(reason);
});

test('it starts in a moment', async () => {
  const began = performance.now();

  await (
    await start({ script: priced }, ['--version'])
  ).exit;

  expect(performance.now() - began).toBeLessThan(1000);
});

test('a turn prints the lines of the newest version in their order', async () => {
  const claude = await start({ script: priced }, [...flags, '--include-partial-messages']);
  claude.say('hello');

  claude.endInput();
  await claude.exit;

  expect(claude.lines().map(kindOf)).toEqual([
    'command_lifecycle',
    'command_lifecycle',
    'system/init',
    'system/status',
    'message_start',
    'content_block_start',
    'content_block_delta',
    'assistant',
    'content_block_stop',
    'message_delta',
    'message_stop',
    'result/success',
    'command_lifecycle',
  ]);
});

test('without partial messages the oldest version prints whole ones only', async () => {
  const claude = await start({ script: priced, version: '2.1.197' });

  await claude.turn('hello');

  expect(claude.lines().map(kindOf)).toEqual(['system/init', 'system/status', 'assistant', 'result/success']);
});

test('the newest version counts by session and tells what came since the last result', async () => {
  const claude = await start({ script: priced }, [...flags, ...sonnet]);

  const results = [
    await claude.turn('one'),
    await claude.turn('two'),
    await claude.turn('/clear'),
    await claude.turn('three'),
  ];

  expect(results.map(({ total_cost_usd }) => total_cost_usd)).toEqual([0.00306, 0.00612, 0, 0.00306]);
  expect(results.map(sinceLastResult)).toEqual([0.00306, 0.00306, undefined, 0.00306]);
});

test('the oldest version counts by process and tells totals only', async () => {
  const claude = await start({ script: priced, version: '2.1.197' }, [...flags, ...sonnet]);

  const results = [await claude.turn('one'), await claude.turn('/clear'), await claude.turn('two')];

  expect(results.map(({ total_cost_usd }) => total_cost_usd)).toEqual([0.00459, 0.00459, 0.00918]);
  expect(results.map((result) => 'model_usage_since_last_result' in result)).toEqual([false, false, false]);
});

test.each([
  { version: '2.1.330', counted: [0.00258, 0.00564] },
  { version: '2.1.197', counted: [0, 0.00459] },
] as const)('$version counts an interrupted answer as $counted', async ({ version, counted }) => {
  const answers = [{ text: ['hello ', 'world'], pieceDelayMs: 600_000, usage }];
  const script = { ...priced, rules: [{ when: 'slowly', answers }] };
  const claude = await start({ script, version }, [...flags, ...sonnet, '--include-partial-messages']);
  claude.say('slowly');
  await claude.next('content_block_delta');

  claude.control('interrupt');
  const results = [await claude.next('result/error_during_execution'), await claude.turn('again')];

  expect(results.map(({ total_cost_usd }) => total_cost_usd)).toEqual(counted);
  expect(results[0]).toMatchObject({ is_error: true, terminal_reason: 'aborted_streaming' });
});

test.each(versions)('%s: clear changes the session id', async (version) => {
  const claude = await start({ script: priced, version });

  const results = [await claude.turn('one'), await claude.turn('/clear'), await claude.turn('two')];
  const [one, cleared, two] = results.map(({ session_id }) => session_id);

  expect(cleared).not.toBe(one);
  expect(two).toBe(cleared);
  expect(results[1]).toMatchObject({ num_turns: 0, result: '', subtype: 'success' });
});

test('commands are the matter of the process, unless a space stands before them', async () => {
  const claude = await start({ script: priced, version: '2.1.197' });

  const results = [await claude.turn('/nosuch'), await claude.turn(' /clear')];

  expect(results.map(({ result }) => result)).toEqual(['Unknown command: /nosuch', 'echo: /clear']);
});

test.each([
  { fault: { status: 400 }, status: 400, retries: 0 },
  { fault: { status: 401 }, status: 401, retries: 1 },
  { fault: { status: 429 }, status: 429, retries: 1 },
  { fault: { status: 529 }, status: 529, retries: 1 },
] as const)(
  'an API error $status is a result with the subtype `success`',
  async ({ fault, status, retries }) => {
    const claude = await start({ script: playing(fault) }, flags, { CLAUDE_CODE_MAX_RETRIES: '1' });

    const result = await claude.turn('play');

    expect(result).toMatchObject({ subtype: 'success', is_error: true, api_error_status: status });
    expect(claude.lines().filter((line) => kindOf(line) === 'system/api_retry')).toHaveLength(retries);
  },
);

test('a usage limit tells when it is lifted and is not tried again', async () => {
  const claude = await start({ script: playing({ status: 429, resetsAt: 1_800_000_000_000 }) });

  await claude.turn('play');

  expect(claude.lines().find(({ type }) => type === 'rate_limit_event')).toMatchObject({
    rate_limit_info: { status: 'rejected', resetsAt: 1_800_000_000 },
  });
  expect(claude.lines().map(kindOf)).not.toContain('system/api_retry');
});

test('without a login no prompt is answered', async () => {
  const claude = await start({ script: priced, account: 'none' });

  expect(await claude.turn('hello')).toMatchObject({
    is_error: true,
    api_error_status: null,
    result: 'Not logged in · Please run /login',
  });
});

test('a command runs, and its output is the tool result', async () => {
  const toolUse = { name: 'Bash', input: { command: 'echo "$CLAUDE_CODE_SESSION_ID"' } };
  const claude = await start({ script: playing({ toolUse }, { text: 'done' }) });

  const result = await claude.turn('play');

  expect(result).toMatchObject({ num_turns: 2, result: 'done' });
  expect(JSON.stringify(claude.lines().find(({ type }) => type === 'user'))).toContain(
    `"content":"${result.session_id}"`,
  );
});

test('an interrupt ends a running command', async () => {
  const toolUse = { name: 'Bash', input: { command: 'tail -f /dev/null' } };
  const claude = await start({ script: playing({ toolUse }) });
  claude.say('play');
  await claude.next('assistant');

  claude.control('interrupt');

  expect(await claude.next('result/error_during_execution')).toMatchObject({
    terminal_reason: 'aborted_tools',
  });
});

test('a tool that needs a permission is denied in the default mode', async () => {
  const toolUse = { name: 'Write', input: { file_path: '/etc/x', content: 'x' } };
  const claude = await start({ script: playing({ toolUse }, { text: 'done' }) });

  expect(await claude.turn('play')).toMatchObject({
    permission_denials: [{ tool_name: 'Write', tool_input: toolUse.input }],
  });
});

test('an answer to the asked schema is the structured output', async () => {
  const toolUse = { name: 'StructuredOutput', input: { sum: 42 } };
  const claude = await start({ script: playing({ toolUse }) }, [...flags, '--json-schema', '{}']);

  expect(await claude.turn('play')).toMatchObject({
    structured_output: { sum: 42 },
    stop_reason: 'tool_use',
  });
});

test.each([
  ['initialize', { pid: expect.any(Number) }],
  ['get_binary_version', { version: '2.1.330' }],
  ['get_usage', { session: { total_cost_usd: 0 } }],
  ['get_context_usage', { maxTokens: 200_000 }],
  ['stop_task', {}],
] as const)('the control request `%s` is answered', async (subtype, response) => {
  const claude = await start({ script: priced });

  claude.control(subtype);

  expect(await claude.next('control_response')).toMatchObject({ response: { subtype: 'success', response } });
});

test('an unknown control request is refused', async () => {
  const claude = await start({ script: priced });

  claude.control('foo_bar');

  expect(await claude.next('control_response')).toMatchObject({
    response: { subtype: 'error', error: 'Unsupported control request subtype: foo_bar' },
  });
});

test('a model that is set is the model of the next turn', async () => {
  const claude = await start({ script: priced }, [...flags, ...sonnet]);

  claude.control('set_model', { model: 'claude-haiku-4-5' });
  const result = await claude.turn('hello');

  expect(Object.keys(result.modelUsage ?? {})).toEqual(['claude-haiku-4-5']);
});

test('a line that is not JSON ends the process', async () => {
  const claude = await start({ script: priced });

  claude.write('not {json');

  expect(await claude.exit).toEqual([1, null]);
  expect(claude.errors()).toContain('Error parsing streaming input line');
});

test('a message with a known `uuid` is dropped without a word', async () => {
  const claude = await start({ script: priced });
  await claude.turn('one', 'the-same');

  claude.say('one', 'the-same');
  const result = await claude.turn('two');

  expect(result).toMatchObject({ result: 'echo: two', result_index: 1 });
});

test('messages that come in during a turn become one turn', async () => {
  const claude = await start({ script: playing({ text: 'first', delayMs: 50 }) });
  for (const prompt of ['play', 'two', 'three']) claude.say(prompt);

  await claude.next('result/success');

  expect(await claude.next('result/success')).toMatchObject({ result: 'echo: two\nthree' });
});

test.each([
  { signal: 'SIGTERM', exit: [143, null] },
  { signal: 'SIGINT', exit: [0, null] },
  { signal: 'SIGHUP', exit: [129, null] },
] as const)('an idle process leaves at $signal', async ({ signal, exit }) => {
  const claude = await start({ script: priced });
  await claude.turn('hello');

  claude.kill(signal);

  expect(await claude.exit).toEqual(exit);
});

test.each([
  { way: 'SIGINT', exit: [0, null] },
  { way: 'end_session', exit: [1, null] },
] as const)('a busy process prints its result and leaves at $way', async ({ way, exit }) => {
  const claude = await start({ script: playing({ silence: true }) });
  claude.say('play');
  await claude.next('system/status');

  if (way === 'SIGINT') claude.kill(way);
  else claude.control(way);

  expect(await claude.exit).toEqual(exit);
  expect(claude.lines().map(kindOf)).toContain('result/error_during_execution');
});

test('the end of the input waits for the turn', async () => {
  const claude = await start({ script: playing({ text: 'done', delayMs: 50 }) });
  claude.say('play');

  claude.endInput();

  expect(await claude.exit).toEqual([0, null]);
  expect(claude.lines().at(-2)).toMatchObject({ type: 'result', result: 'done' });
});

test('a process that hangs hears neither requests nor SIGTERM', async () => {
  const claude = await start({ script: playing({ hang: 'afterResult' }, { text: 'done' }) });
  await claude.turn('play');

  claude.control('get_usage');
  claude.kill('SIGTERM');
  claude.kill('SIGKILL');

  expect(await claude.exit).toEqual([null, 'SIGKILL']);
  expect(claude.lines().map(kindOf)).not.toContain('control_response');
});

test('a crash leaves its exit code and its last words', async () => {
  const claude = await start({
    script: playing({ crash: 'beforeResult', exitCode: 7, stderr: 'out of luck' }),
  });
  claude.say('play');

  expect(await claude.exit).toEqual([7, null]);
  expect(claude.errors()).toContain('out of luck');
});

test.each(versions)('%s: a stored conversation is continued by another process', async (version) => {
  const home = await scratch();
  const env = { CLAUDE_CONFIG_DIR: home };
  const journal = path.join(home, 'journal.jsonl');
  const first = await start({ script: priced, version, journal }, [...flags, ...sonnet], env);
  const { session_id: id } = await first.turn('the word is birch');
  first.endInput();
  await first.exit;

  const second = await start(
    { script: priced, version, journal },
    [...flags, ...sonnet, '--resume', id ?? ''],
    env,
  );
  const result = await second.turn('go on');

  expect(result).toMatchObject({ session_id: id, total_cost_usd: version === '2.1.330' ? 0.00612 : 0.00459 });
  expect(await entries(journal)).toMatchObject([
    { type: 'prompt', prompt: 'the word is birch', remembered: [] },
    { type: 'charged', prompt: 'the word is birch' },
    { type: 'prompt', prompt: 'go on', remembered: ['the word is birch'] },
    { type: 'charged', prompt: 'go on' },
  ]);
});

test('an unknown conversation is refused', async () => {
  const id = '11111111-1111-4111-8111-111111111111';
  const claude = await start({ script: priced }, [...flags, '--resume', id]);

  expect(await claude.exit).toEqual([1, null]);
  expect(claude.lines()).toMatchObject([
    { subtype: 'error_during_execution', errors: [`No conversation found with session ID: ${id}`] },
  ]);
});

test('an id that a stored conversation has is refused for a new one', async () => {
  const [home, id] = [await scratch(), '22222222-2222-4222-8222-222222222222'];
  const begin = () => start({ script: priced }, [...flags, '--session-id', id], { CLAUDE_CONFIG_DIR: home });
  const first = await begin();
  await first.turn('hello');

  const second = await begin();

  expect(await second.exit).toEqual([1, null]);
  expect(second.errors()).toContain(`Session ID ${id} is already in use`);
});

test('the processes of one pool share how often a rule may play', async () => {
  const counters = await scratch();
  const script: Script = { rules: [{ when: 'play', times: 2, answers: [{ text: 'played' }] }] };
  const pair = [await start({ script, counters }), await start({ script, counters })];

  const results = await Promise.all(pair.map((claude) => claude.turn('play')));
  const [first] = pair;

  expect(results).toMatchObject([{ result: 'played' }, { result: 'played' }]);
  expect(await first?.turn('play')).toMatchObject({ result: 'echo: play' });
});

test('a turn keeps the rule that it began with', async () => {
  const toolUse = { name: 'Bash', input: { command: 'true' } };
  const script: Script = { rules: [{ when: 'play', times: 1, answers: [{ toolUse }, { text: 'played' }] }] };
  const claude = await start({ script });

  expect(await claude.turn('play')).toMatchObject({ result: 'played' });
});

test('the journal accounts for every prompt and every answer that was charged', async () => {
  const journal = path.join(await scratch(), 'journal.jsonl');
  const toolUse = { name: 'Bash', input: { command: 'true' } };
  const claude = await start({ script: playing({ toolUse, usage }, { text: 'done', usage }), journal }, [
    ...flags,
    ...sonnet,
  ]);

  await claude.turn('play', 'the-uuid');

  expect(await entries(journal)).toEqual([
    expect.objectContaining({ type: 'prompt', uuid: 'the-uuid', prompt: 'play', pid: claude.pid }),
    expect.objectContaining({ type: 'charged', uuid: 'the-uuid', costUsd: 0.00306 }),
    expect.objectContaining({ type: 'charged', uuid: 'the-uuid', costUsd: 0.00306 }),
  ]);
});

test('a script that is too large for a variable goes through a file', async () => {
  const text = 'x'.repeat(200_000);
  const claude = await start({ script: playing({ text }) });

  expect(await claude.turn('play')).toMatchObject({ result: text });
});

function playing(...answers: readonly Answer[]): Script {
  return { rules: [{ when: 'play', answers }] };
}

/** Starts a fake Claude and talks to it in lines. */
async function start(
  options: FakeClaudeOptions,
  args: readonly string[] = flags,
  env: NodeJS.ProcessEnv = {},
) {
  const claude = fakeClaude(options);
  const config = env['CLAUDE_CONFIG_DIR'] ?? (await scratch());
  const child = spawn(claude.command, [...claude.args, ...args], {
    env: { PATH: process.env['PATH'], ...claude.env, ...env, CLAUDE_CONFIG_DIR: config },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const closed = once(child, 'close');
  const seen: Line[] = [];
  const unread: Line[] = [];
  const readers: { kind: string; take: (line: Line) => void }[] = [];
  let [text, errors, requests] = ['', '', 0];
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  createInterface(child.stdout).on('line', (line) => {
    text += `${line}\n`;
    if (!line.startsWith('{')) return;
    const parsed: Line = JSON.parse(line);
    seen.push(parsed);
    const reader = readers.findIndex(({ kind }) => kind === kindOf(parsed) || kind === parsed.type);
    if (reader === -1) unread.push(parsed);
    else readers.splice(reader, 1)[0]?.take(parsed);
  });

  function next(kind: string): Promise<Line> {
    const index = unread.findIndex((line) => kind === kindOf(line) || kind === line.type);
    const [line] = index === -1 ? [] : unread.splice(0, index + 1).slice(-1);
    return line === undefined ? new Promise((take) => readers.push({ kind, take })) : Promise.resolve(line);
  }
  function write(line: string | object): void {
    child.stdin.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  }
  function say(prompt: string, uuid?: string): void {
    write({ type: 'user', message: { role: 'user', content: prompt }, uuid: uuid ?? crypto.randomUUID() });
  }
  return {
    pid: child.pid,
    exit: closed,
    lines: () => seen,
    text: () => text,
    errors: () => errors,
    next,
    write,
    say,
    turn(prompt: string, uuid?: string) {
      say(prompt, uuid);
      return next('result');
    },
    control(subtype: string, fields: object = {}) {
      requests += 1;
      write({ type: 'control_request', request_id: `request-${requests}`, request: { subtype, ...fields } });
    },
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    endInput: () => child.stdin.end(),
  };
}

function kindOf({ type, subtype, event }: Line): string {
  if (event !== undefined) return event.type;
  return subtype === undefined ? type : `${type}/${subtype}`;
}

function sinceLastResult({ model_usage_since_last_result: models }: Line): number | undefined {
  return models?.['claude-sonnet-5']?.costUSD;
}

async function scratch(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fake-claude-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function entries(journal: string): Promise<readonly Line[]> {
  const text = await readFile(journal, 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
