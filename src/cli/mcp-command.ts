import { Option } from 'commander';
import type { Command } from 'commander';
import type { PoolOptions } from '../index.ts';
import { dollars, duration, positiveNumber, toolList, wholeNumber } from './flags.ts';
import { inspectOption } from './inspect-option.ts';
import type { InspectFlag } from './inspection.ts';

/** The flags of `mcp`, as they were parsed. */
export interface McpFlags extends Pick<
  PoolOptions,
  | 'model'
  | 'effort'
  | 'budgetUsd'
  | 'permissionMode'
  | 'systemPrompt'
  | 'appendSystemPrompt'
  | 'maxTurns'
  | 'allowedTools'
  | 'disallowedTools'
  | 'session'
  | 'retries'
  | 'minSlots'
  | 'maxSlots'
  | 'stateDir'
> {
  readonly slots?: number;
  /** Tools of the server, not of Claude. */
  readonly tools: 'core' | 'all';
  readonly approvals: 'human' | 'agent';
  /** In milliseconds, as are the other times. */
  readonly maxWait: number;
  readonly timeout?: number;
  readonly drainTimeout?: number;
  readonly slotTools?: readonly string[];
  readonly mcpConfig?: string;
  readonly allowMcpServers?: boolean;
  readonly skillsDir?: string;
  readonly builtinSkills: boolean;
  readonly projectSkills: boolean;
  readonly globalSkills: boolean;
  readonly disableSkill?: readonly string[];
  readonly claude?: string;
  readonly cwd?: string;
  readonly http?: boolean;
  readonly port?: number;
  readonly tokenFile?: string;
  readonly inspect?: InspectFlag;
}

const NOTES = `
The server speaks the Model Context Protocol on stdin and stdout; what it has to say to people is on stderr.
When the client leaves, or on Ctrl-C or SIGTERM, the pool is drained: running tasks are cancelled, or have
--drain-timeout to end.

Examples:
  $ claude mcp add claude-pool -- npx -y claude-pool mcp --slots 4 --budget-usd 10
  $ claude-pool mcp --tools all --permission-mode acceptEdits
  $ claude-pool mcp --http --port 3100
  $ claude-pool mcp --inspect               the page's address is on stderr: in the client's log

Exit codes: 0 the client left · 2 wrong usage · 69 claude is missing or not logged in · 130 Ctrl-C · 143 SIGTERM`;

export function addMcpCommand(program: Command): void {
  const efforts = ['min', 'low', 'medium', 'high', 'xhigh', 'max'];
  const modes = ['plan', 'default', 'acceptEdits', 'auto', 'dontAsk', 'bypassPermissions'];
  program
    .command('mcp')
    .summary('give a pool to an agent, as an MCP server')
    .description('Gives a pool to Claude Code or another MCP client.')
    .addOption(new Option('--tools <choice>', 'tools to offer').choices(['core', 'all']).default('core'))
    .addOption(
      new Option('--approvals <who>', 'who may approve results that wait for review')
        .choices(['human', 'agent'])
        .default('human'),
    )
    .option('--max-wait <time>', 'longest that a call waits for work', duration, 50_000)
    .option('-n, --slots <count>', 'sessions side by side (default: 2)', positiveNumber)
    .option('--min-slots <count>', 'fewest that scaling can come to', positiveNumber)
    .option('--max-slots <count>', 'most that scaling can come to', positiveNumber)
    .option('-m, --model <name>', 'model id or alias')
    .addOption(new Option('-e, --effort <level>', 'how hard to think').choices(efforts))
    .option('-b, --budget-usd <amount>', 'spend at most this much', dollars)
    .addOption(
      new Option('-p, --permission-mode <mode>', 'what slots may do unasked (default: plan)').choices(modes),
    )
    .option('-s, --system-prompt <text>', "replace claude's system prompt")
    .option('--append-system-prompt <text>', "add to claude's system prompt")
    .option('--max-turns <count>', 'agentic turns of one attempt', positiveNumber)
    .option('--slot-tools <names>', 'the only built-in tools of slots; "" for none', toolList)
    .option('--allowed-tools <rules>', 'tools that need no permission', toolList)
    .option('--disallowed-tools <rules>', 'tools that are denied', toolList)
    .option('--mcp-config <file>', 'MCP servers of the slots, in the form of claude')
    .option('--allow-mcp-servers', 'let the agent give tasks MCP servers, and so start programs')
    .addOption(
      new Option('--session <policy>', 'what a task continues (default: resume)').choices([
        'resume',
        'fresh',
      ]),
    )
    .option('--timeout <time>', 'time limit of one attempt: 90 (seconds), 90s, 5m, 1h', duration)
    .option('--retries <count>', 'attempts after the first (default: 2)', wholeNumber)
    .option('--state-dir <folder>', 'keep the pool there, so that it outlives its process')
    .option('--drain-timeout <time>', 'how long running tasks may go on at the end (default: not)', duration)
    .option('--skills-dir <folder>', 'skills of the project (default: .claude-pool/skills)')
    .option('--no-builtin-skills', 'without the skills of this package')
    .option('--no-project-skills', 'without the skills of the project')
    .option('--no-global-skills', 'without the skills of the user')
    .option('--disable-skill <names>', 'skills that count as absent', toolList)
    .option('--claude <path>', 'which claude to start (default: claude on the PATH)')
    .option('--cwd <folder>', 'where claude works (default: this folder)')
    .option('--http', 'serve streamable HTTP on this machine instead of stdin')
    .option('--port <number>', 'port of --http (default: 3100)', wholeNumber)
    .option('--token-file <file>', 'file with the bearer token of --http (default: ~/.claude-pool/mcp-token)')
    .addOption(inspectOption())
    .showHelpAfterError('See: claude-pool mcp --help')
    .addHelpText('after', NOTES)
    .action(async (flags: McpFlags) => {
      const { serveMcp } = await import('./serve-mcp.ts');
      process.exitCode = await serveMcp(flags);
    });
}
