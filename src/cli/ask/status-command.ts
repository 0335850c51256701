import type { Command } from 'commander';
import { addAskFlags } from './ask-flags.ts';
import type { AskFlags } from './ask-flags.ts';

const EXIT_CODES = 'Exit codes: 0 printed · 2 wrong usage · 69 no pool runs · 130 Ctrl-C · 143 SIGTERM';

/** Adds `status` and `top`: the same view, once and live. */
export function addStatusCommands(program: Command): void {
  addAskFlags(program.command('status'))
    .summary('tell how the pool that runs is')
    .description('Tells what the slots of the pool that runs do, what waits, and what was spent.')
    .addHelpText(
      'after',
      `
Examples:
  $ claude-pool status
  $ claude-pool status --json | jq .data.status.remainingUsd

${EXIT_CODES}`,
    )
    .action(async (flags: AskFlags) => {
      const { printStatus } = await import('./print-status.ts');
      process.exitCode = await printStatus(flags);
    });
  addAskFlags(program.command('top'))
    .summary('watch the pool that runs')
    .description(
      'Shows the pool that runs until it ends, or Ctrl-C: a live table on a terminal, lines elsewhere.',
    )
    .addHelpText(
      'after',
      `
With --json each view is one line of JSON, printed whenever something has changed.

Examples:
  $ claude-pool top
  $ claude-pool top --json | jq -c .status.activeTasks

${EXIT_CODES}`,
    )
    .action(async (flags: AskFlags) => {
      const { top } = await import('./top.ts');
      process.exitCode = await top(flags);
    });
}
