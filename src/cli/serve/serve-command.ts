import type { Command } from 'commander';
import { inspectOption } from '../inspect-option.ts';
import type { InspectFlag } from '../inspection.ts';
import { addPoolFlags } from '../pool-flags.ts';
import type { Configured } from '../settings/configure.ts';
import { stateDirOption } from '../settings/state-dir-option.ts';
import { settingOption } from '../settings/with-settings.ts';

/** The flags of `serve`. */
export interface ServeFlags extends Configured {
  readonly stateDir: string;
  readonly background?: boolean;
  readonly json?: boolean;
  readonly inspect?: InspectFlag;
}

const NOTES = `
The other commands reach the pool through a socket in the state folder, which only you can open. A pool that was
killed goes on where it was when it is served anew: see docs/durability.md.

On Ctrl-C, SIGTERM or \`claude-pool stop\` running tasks end, or are cut off after --drain-timeout; those, and all that
wait, go on when the pool is served anew. A second signal exits at once. In the background the log is serve.log in the
folder.

Examples:
  $ claude-pool serve --slots 4 --budget-usd 10
  $ claude-pool serve --background && claude-pool run "explain src/main.ts"
  $ claude-pool serve -d --json | jq .data.pid

Exit codes: 0 stopped, or begun in the background · 1 the folder is taken · 2 wrong usage · 69 claude is missing or
not logged in · 130 Ctrl-C · 143 SIGTERM`;

export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .summary('run a pool that the other commands use')
    .description('Runs a pool on a state folder until it is stopped.')
    .addOption(stateDirOption())
    .option('-d, --background', 'return when it is ready; it goes on in the background')
    .addOption(
      settingOption('drainTimeout', 'how long running tasks may go on at the end (default: no limit)'),
    );
  addPoolFlags(command)
    .addOption(inspectOption())
    .option('--json', 'say as JSON where it is reached')
    .showHelpAfterError('See: claude-pool serve --help')
    .addHelpText('after', NOTES)
    .action(async (flags: ServeFlags) => {
      const { serve } = await import('./serve.ts');
      process.exitCode = await serve(flags);
    });
}
