import type { Command } from 'commander';
import { addAskFlags } from '../ask/ask-flags.ts';
import type { AskFlags } from '../ask/ask-flags.ts';
import { duration } from '../flags.ts';

/** The flags of `wait`, as they were parsed. */
export interface WaitFlags extends AskFlags {
  /** In milliseconds. */
  readonly timeout?: number;
}

const NOTES = `
What has ended is told from the folder, also when no pool runs. Ctrl-C ends the wait; pressed again, it cancels.
With --json: { data: { outcomes: [{ id, state, output, spendUsd, result, chain, error }] } }, in the order of the ids.

Examples:
  $ claude-pool wait task-0f3c…
  $ claude-pool wait $(claude-pool fan-out --detach prompts.txt) --timeout 10m

Exit codes: 0 all completed · 1 one failed · 2 wrong usage · 3 cancelled · 4 the budget is spent · 5 for review ·
69 no pool runs · 75 the time is over · 130 Ctrl-C · 143 SIGTERM`;

export function addWaitCommand(program: Command): void {
  addAskFlags(program.command('wait'))
    .summary('wait for tasks or chains')
    .description('Waits until tasks or chains have ended, or wait for a review, and prints their answers.')
    .argument('<id...>', 'ids of tasks or chains')
    .option('--timeout <time>', 'how long at most: 90 (seconds), 90s, 5m, 1h', duration)
    .addHelpText('after', NOTES)
    .action(async (ids: readonly string[], flags: WaitFlags) => {
      const { waitForWork } = await import('./wait.ts');
      process.exitCode = await waitForWork(ids, flags);
    });
}
