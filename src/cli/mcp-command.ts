import { Option } from 'commander';
import type { Command } from 'commander';
import { duration, wholeNumber } from './flags.ts';
import { inspectOption } from './inspect-option.ts';
import type { InspectFlag } from './inspection.ts';
import { addPoolFlags } from './pool-flags.ts';
import type { PoolFlags } from './pool-flags.ts';

/** The flags of `mcp`, as they were parsed. */
export interface McpFlags extends Omit<PoolFlags, 'tools'> {
  /** Tools of the server, not of Claude. */
  readonly tools: 'core' | 'all';
  readonly slotTools?: readonly string[];
  readonly approvals: 'human' | 'agent';
  /** In milliseconds, as are the other times. */
  readonly maxWait: number;
  readonly drainTimeout?: number;
  readonly stateDir?: string;
  readonly allowMcpServers?: boolean;
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
  const command = program
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
    .option('--allow-mcp-servers', 'let the agent give tasks MCP servers, and so start programs')
    .option('--state-dir <folder>', 'keep the pool there, so that it outlives its process')
    .option('--drain-timeout <time>', 'how long running tasks may go on at the end (default: not)', duration);
  addPoolFlags(command, '--slot-tools')
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
