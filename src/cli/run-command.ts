import type { Command } from 'commander';
import { addClaudeFlags } from './claude-flags.ts';
import type { ClaudeFlags } from './claude-flags.ts';
import { inspectOption } from './inspect-option.ts';
import type { InspectFlag } from './inspection.ts';

/** The flags of `run`, as they were parsed. */
export interface RunFlags extends ClaudeFlags {
  readonly json?: boolean;
  readonly inspect?: InspectFlag;
}

const NOTES = `
Examples:
  $ claude-pool run "explain src/main.ts"
  $ claude-pool run --permission-mode acceptEdits --budget-usd 2 "fix the failing test"
  $ git diff | claude-pool run - --append-system-prompt "Review this diff."
  $ claude-pool run --json "name three birds" | jq -r .data.output

With --json, stdout is one object: { "data": … } or { "error": { code, message, verdict, … } }.

Ctrl-C cancels the task and ends its processes; pressed again, it exits at once.

Exit codes:
  0  the task succeeded              69  claude is missing, too old, or not logged in
  1  the task failed                 75  a usage limit holds; try later
  2  wrong usage                    129  cancelled because the terminal closed (SIGHUP)
  3  the task was cancelled         130  cancelled by Ctrl-C (SIGINT)
  4  the budget is spent            141  cancelled because the reader of stdout left
                                    143  cancelled by SIGTERM`;

export function addRunCommand(program: Command): void {
  const command = program
    .command('run')
    .summary('run one task with your own claude')
    .description('Runs one task with your own claude; its text streams to stdout.')
    .argument('<prompt>', 'what to do; - reads it from stdin');
  addClaudeFlags(command)
    .addOption(inspectOption())
    .option('--json', 'print the whole result as JSON, and nothing else')
    .showHelpAfterError('Quote a prompt of several words. See: claude-pool run --help')
    .addHelpText('after', NOTES)
    .action(async (prompt: string, flags: RunFlags) => {
      if (prompt.trim() === '') command.error('error: expected a prompt, got an empty one');
      const { runPrompt } = await import('./run-prompt.ts');
      process.exitCode = await runPrompt(prompt, flags);
    });
}
