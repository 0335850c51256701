import { dollars, duration, portNumber, positiveNumber, toolList, wholeNumber } from '../flags.ts';
import { serversIn } from './servers-in.ts';

/** A flag that sets a key of the configuration. */
export interface Setting {
  readonly flags: string;
  readonly text: string;
  /** The key, with dots. */
  readonly key: string;
  readonly parse?: (text: string, previous: unknown) => unknown;
  readonly choices?: readonly string[];
}

/** All flags that set keys of the configuration. */
export const SETTINGS = {
  slots: {
    flags: '-n, --slots <count>',
    text: 'sessions side by side (default: 2; of a fan-out up to 4)',
    key: 'slots',
    parse: positiveNumber,
  },
  minSlots: {
    flags: '--min-slots <count>',
    text: 'fewest that scaling can come to',
    key: 'minSlots',
    parse: positiveNumber,
  },
  maxSlots: {
    flags: '--max-slots <count>',
    text: 'most that scaling can come to',
    key: 'maxSlots',
    parse: positiveNumber,
  },
  model: { flags: '-m, --model <name>', text: 'model id or alias', key: 'model' },
  effort: {
    flags: '-e, --effort <level>',
    text: 'how hard to think',
    key: 'effort',
    choices: ['min', 'low', 'medium', 'high', 'xhigh', 'max'],
  },
  budgetUsd: {
    flags: '-b, --budget-usd <amount>',
    text: 'spend at most this much',
    key: 'budgetUsd',
    parse: dollars,
  },
  permissionMode: {
    flags: '-p, --permission-mode <mode>',
    text: 'what claude may do unasked (default: plan, it changes nothing)',
    key: 'permissionMode',
    choices: ['plan', 'default', 'acceptEdits', 'auto', 'dontAsk', 'bypassPermissions'],
  },
  systemPrompt: {
    flags: '-s, --system-prompt <text>',
    text: "replace claude's system prompt",
    key: 'systemPrompt',
  },
  appendSystemPrompt: {
    flags: '--append-system-prompt <text>',
    text: "add to claude's system prompt",
    key: 'appendSystemPrompt',
  },
  maxTurns: {
    flags: '--max-turns <count>',
    text: 'agentic turns of one attempt',
    key: 'maxTurns',
    parse: positiveNumber,
  },
  tools: {
    flags: '--tools <names>',
    text: 'the only built-in tools of claude; "" for none',
    key: 'tools',
    parse: toolList,
  },
  slotTools: {
    flags: '--slot-tools <names>',
    text: 'the only built-in tools of claude; "" for none',
    key: 'tools',
    parse: toolList,
  },
  allowedTools: {
    flags: '--allowed-tools <rules>',
    text: 'tools that need no permission',
    key: 'allowedTools',
    parse: toolList,
  },
  disallowedTools: {
    flags: '--disallowed-tools <rules>',
    text: 'tools that are denied',
    key: 'disallowedTools',
    parse: toolList,
  },
  mcpConfig: {
    flags: '--mcp-config <file>',
    text: 'MCP servers of the slots, in the form of claude',
    key: 'mcpServers',
    parse: serversIn,
  },
  session: {
    flags: '--session <policy>',
    text: 'what a task continues (default: resume)',
    key: 'session',
    choices: ['resume', 'fresh'],
  },
  workspace: {
    flags: '--workspace <scope>',
    text: 'give each a git worktree of its own (default: none)',
    key: 'workspace',
    choices: ['slot', 'task', 'chain'],
  },
  timeout: {
    flags: '--timeout <time>',
    text: 'time limit of one attempt: 90 (seconds), 90s, 5m, 1h',
    key: 'taskTimeoutMs',
    parse: duration,
  },
  retries: {
    flags: '--retries <count>',
    text: 'attempts after the first (default: 2)',
    key: 'retries',
    parse: wholeNumber,
  },
  stateDir: {
    flags: '--state-dir <folder>',
    text: 'where the pool is kept, so that it outlives its process',
    key: 'stateDir',
  },
  drainTimeout: {
    flags: '--drain-timeout <time>',
    text: 'how long running tasks may go on at the end (default: not)',
    key: 'drainTimeoutMs',
    parse: duration,
  },
  skillsDir: {
    flags: '--skills-dir <folder>',
    text: 'skills of the project (default: .claude-pool/skills)',
    key: 'skills.project',
  },
  builtinSkills: {
    flags: '--no-builtin-skills',
    text: 'without the skills of this package',
    key: 'skills.builtin',
  },
  projectSkills: {
    flags: '--no-project-skills',
    text: 'without the skills of the project',
    key: 'skills.project',
  },
  globalSkills: { flags: '--no-global-skills', text: 'without the skills of the user', key: 'skills.global' },
  disableSkill: {
    flags: '--disable-skill <names>',
    text: 'skills that count as absent',
    key: 'skills.disabled',
    parse: toolList,
  },
  claude: {
    flags: '--claude <path>',
    text: 'which claude to start (default: claude on the PATH)',
    key: 'claude.command',
  },
  cwd: { flags: '--cwd <folder>', text: 'where claude works (default: this folder)', key: 'claude.cwd' },
  mcpTools: {
    flags: '--tools <choice>',
    text: 'tools to offer (default: core)',
    key: 'mcp.tools',
    choices: ['core', 'all'],
  },
  approvals: {
    flags: '--approvals <who>',
    text: 'who may approve results that wait for review (default: human)',
    key: 'mcp.approvals',
    choices: ['human', 'agent'],
  },
  maxWait: {
    flags: '--max-wait <time>',
    text: 'longest that a call waits for work (default: 50s)',
    key: 'mcp.maxWaitMs',
    parse: duration,
  },
  allowMcpServers: {
    flags: '--allow-mcp-servers',
    text: 'let the agent give tasks MCP servers, and so start programs',
    key: 'mcp.allowMcpServers',
  },
  http: {
    flags: '--http',
    text: 'serve streamable HTTP on this machine instead of stdin',
    key: 'mcp.http',
  },
  port: {
    flags: '--port <number>',
    text: 'port of --http (default: 3100)',
    key: 'mcp.port',
    parse: portNumber,
  },
  tokenFile: {
    flags: '--token-file <file>',
    text: 'file with the bearer token of --http (default: ~/.claude-pool/mcp-token)',
    key: 'mcp.tokenFile',
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof SETTINGS;
