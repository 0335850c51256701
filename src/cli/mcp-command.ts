import type { Command } from 'commander';
import { inspectOption } from './inspect-option.ts';
import type { InspectFlag } from './inspection.ts';
import { addPoolFlags } from './pool-flags.ts';
import type { Configured } from './settings/configure.ts';
import { withSettings } from './settings/with-settings.ts';

/** The flags of `mcp`. */
export interface McpFlags extends Configured {
  readonly inspect?: InspectFlag;
}

const NOTES = `
The server speaks the Model Context Protocol on stdin and stdout; what it has to say to people is on stderr.
When the client leaves, or on Ctrl-C or SIGTERM, the pool is drained: running tasks are cancelled, or have
--drain-timeout to end. With --state-dir what has not ended is kept, and goes on at the next start.

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
    .description('Gives a pool to Claude Code or another MCP client.');
  withSettings(command, ['mcpTools', 'approvals', 'maxWait', 'allowMcpServers', 'stateDir', 'drainTimeout']);
  withSettings(addPoolFlags(command, 'slotTools'), ['http', 'port', 'tokenFile'])
    .addOption(inspectOption())
    .showHelpAfterError('See: claude-pool mcp --help')
    .addHelpText('after', NOTES)
    .action(async (flags: McpFlags) => {
      const { serveMcp } = await import('./serve-mcp.ts');
      process.exitCode = await serveMcp(flags);
    });
}
