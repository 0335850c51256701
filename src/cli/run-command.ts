import { Option } from 'commander';
import type { Command } from 'commander';
import type { ClaudeSettings } from '../index.ts';
import type { InspectFlag } from './inspection.ts';
import { inspectOption } from './inspect-option.ts';
import { dollars, duration, positiveNumber, toolList, wholeNumber } from './flags.ts';

/** The flags of `run`, as they were parsed. */
export interface RunFlags extends Omit<ClaudeSettings, 'mcpServers'> {
  readonly budgetUsd?: number;
  /** In milliseconds. */
  readonly timeout?: number;
  readonly retries?: number;
  readonly claude?: string;
  readonly cwd?: string;
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
  const efforts = ['min', 'low', 'medium', 'high', 'xhigh', 'max'];
  const modes = ['plan', 'default', 'acceptEdits', 'auto', 'dontAsk', 'bypassPermissions'];
  program
    .command('run')
    .summary('run one task with your own claude')
    .description('Runs one task with your own claude; its text streams to stdout.')
    .argument('<prompt>', 'what to do; - reads it from stdin')
    .option('--model <name>', 'model id or alias')
    .addOption(new Option('--effort <level>', 'how hard to think').choices(efforts))
    .option('--budget-usd <amount>', 'spend at most this much', dollars)
    .addOption(
      new Option(
        '--permission-mode <mode>',
        'what claude may do unasked (default: plan, it changes nothing)',
      ).choices(modes),
    )
    .option('--system-prompt <text>', "replace claude's system prompt")
    .option('--append-system-prompt <text>', "add to claude's system prompt")
    .option('--max-turns <count>', 'agentic turns of one attempt', positiveNumber)
    .option('--tools <names>', 'the only built-in tools; "" for none', toolList)
    .option('--allowed-tools <rules>', 'tools that need no permission', toolList)
    .option('--disallowed-tools <rules>', 'tools that are denied', toolList)
    .option('--timeout <time>', 'time limit of one attempt: 90 (seconds), 90s, 5m, 1h', duration)
    .option('--retries <count>', 'attempts after the first (default: 2)', wholeNumber)
    .option('--claude <path>', 'which claude to start (default: claude on the PATH)')
    .option('--cwd <folder>', 'where claude works (default: this folder)')
    .addOption(inspectOption())
    .option('--json', 'print the whole result as JSON, and nothing else')
    .showHelpAfterError('Quote a prompt of several words. See: claude-pool run --help')
    .addHelpText('after', NOTES)
    .action(async (prompt: string, flags: RunFlags, command: Command) => {
      if (prompt.trim() === '') command.error('error: expected a prompt, got an empty one');
      const { runPrompt } = await import('./run-prompt.ts');
      process.exitCode = await runPrompt(prompt, flags);
    });
}
