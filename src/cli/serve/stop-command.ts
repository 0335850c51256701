import type { Command } from 'commander';
import { addAskFlags } from '../ask/ask-flags.ts';
import type { AskFlags } from '../ask/ask-flags.ts';
import { duration } from '../flags.ts';

/** The flags of `stop`, as they were parsed. */
export interface StopFlags extends AskFlags {
  /** In milliseconds. */
  readonly timeout?: number;
}

const NOTES = `
It takes no more work, cancels tasks that wait, and lets those that run end. Ctrl-C ends the wait for that only.
What waits for review stays, and is there when the pool is served anew.

Examples:
  $ claude-pool stop
  $ claude-pool stop --timeout 30s     cancel what still runs then

Exit codes: 0 it is drained, and its process ends · 2 wrong usage · 69 no pool runs · 130 Ctrl-C · 143 SIGTERM`;

export function addStopCommand(program: Command): void {
  addAskFlags(program.command('stop'))
    .summary('stop the pool that runs')
    .description('Drains the pool that runs on the state folder, and ends its process.')
    .option('--timeout <time>', 'how long running tasks may go on (default: no limit)', duration)
    .addHelpText('after', NOTES)
    .action(async (flags: StopFlags) => {
      const { stop } = await import('./stop.ts');
      process.exitCode = await stop(flags);
    });
}
