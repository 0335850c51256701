import type { Command } from 'commander';
import { addAskFlags } from '../ask/ask-flags.ts';
import type { AskFlags } from '../ask/ask-flags.ts';
import { duration } from '../flags.ts';

/** The flags of `stop`, as they were parsed. */
export interface StopFlags extends AskFlags {
  /** In milliseconds. */
  readonly timeout?: number;
  readonly cancel?: boolean;
}

const NOTES = `
It takes no more work and lets the tasks that run end. Ctrl-C ends the wait for that only. What waits, for a slot or for
review, is kept and goes on when the pool is served anew; so does what still runs after --timeout.

Examples:
  $ claude-pool stop
  $ claude-pool stop --timeout 30s     cut off what still runs then; it goes on later
  $ claude-pool stop --cancel          keep nothing but reviews

Exit codes: 0 it is drained, and its process ends · 2 wrong usage · 69 no pool runs · 130 Ctrl-C · 143 SIGTERM`;

export function addStopCommand(program: Command): void {
  addAskFlags(program.command('stop'))
    .summary('stop the pool that runs')
    .description('Ends the pool that runs on the state folder, and its process.')
    .option('--timeout <time>', 'how long running tasks may go on (default: no limit)', duration)
    .option('--cancel', 'cancel what waits, and what still runs after --timeout, instead of keeping it')
    .addHelpText('after', NOTES)
    .action(async (flags: StopFlags) => {
      const { stop } = await import('./stop.ts');
      process.exitCode = await stop(flags);
    });
}
