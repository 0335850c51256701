import type { Command } from 'commander';
import { addAskFlags } from './ask-flags.ts';
import type { AskFlags } from './ask-flags.ts';

const NOTES = `
What was spent stays spent. One that has ended stays as it is.

Examples:
  $ claude-pool cancel task-0f3c…
  $ claude-pool tasks --state pending --json | jq -r '.data.tasks[].id' | xargs -r claude-pool cancel

Exit codes: 0 none of them runs · 1 no such task · 2 wrong usage · 69 no pool runs · 130 Ctrl-C · 143 SIGTERM`;

export function addCancelCommand(program: Command): void {
  addAskFlags(program.command('cancel'))
    .summary('cancel tasks or chains')
    .description('Cancels tasks or chains of the pool that runs, with their process work.')
    .argument('<id...>', 'ids of tasks or chains')
    .addHelpText('after', NOTES)
    .action(async (ids: readonly string[], flags: AskFlags) => {
      const { cancel } = await import('./cancel.ts');
      process.exitCode = await cancel(ids, flags);
    });
}
