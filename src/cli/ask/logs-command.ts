import type { Command } from 'commander';
import { addAskFlags } from './ask-flags.ts';
import type { AskFlags } from './ask-flags.ts';

/** The flags of `logs`, as they were parsed. */
export interface LogsFlags extends AskFlags {
  readonly follow?: boolean;
}

const NOTES = `
With --json: { data: { taskId, state, text } }; with --follow a line of JSON for each piece.

Examples:
  $ claude-pool logs task-0f3c…
  $ claude-pool logs -f task-0f3c…     as Claude writes, until the task has ended

Exit codes: 0 printed · 1 no such task · 2 wrong usage · 69 no pool runs · 130 Ctrl-C · 143 SIGTERM`;

export function addLogsCommand(program: Command): void {
  addAskFlags(program.command('logs'))
    .summary('print what a task writes')
    .description('Prints the text of a task: so far, or the answer of one that has ended.')
    .argument('<id>', 'id of the task')
    .option('-f, --follow', 'go on until the task has ended')
    .addHelpText('after', NOTES)
    .action(async (id: string, flags: LogsFlags) => {
      const { printLogs } = await import('./print-logs.ts');
      process.exitCode = await printLogs(id, flags);
    });
}
