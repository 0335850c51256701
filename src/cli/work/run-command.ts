import type { Command } from 'commander';
import { addClaudeFlags } from '../claude-flags.ts';
import { addWorkFlags } from './work-flags.ts';
import type { WorkFlags } from './work-flags.ts';

/** The flags of `run`, as they were parsed. */
export interface RunFlags extends WorkFlags {
  readonly review?: boolean;
}

const NOTES = `
Examples:
  $ claude-pool run "explain src/main.ts"
  $ claude-pool run --permission-mode acceptEdits --budget-usd 2 "fix the failing test"
  $ git diff | claude-pool run - --append-system-prompt "Review this diff."
  $ claude-pool run --json "name three birds" | jq -r .data.output
  $ claude-pool run --detach "write the changelog"   then: claude-pool wait ID

With --json, stdout is one object: { "data": … } or { "error": { code, message, verdict, … } }.`;

export function addRunCommand(program: Command): void {
  const command = program
    .command('run')
    .summary('run one task')
    .description('Runs one task; its text streams to stdout.')
    .argument('<prompt>', 'what to do; - reads it from stdin')
    .option('--review', 'let the result wait until somebody approves it (needs a pool that runs)');
  addWorkFlags(addClaudeFlags(command).addHelpText('after', NOTES))
    .showHelpAfterError('Quote a prompt of several words. See: claude-pool run --help')
    .action(async (prompt: string, flags: RunFlags) => {
      if (prompt.trim() === '') command.error('error: expected a prompt, got an empty one');
      const { runPrompt } = await import('./run-prompt.ts');
      process.exitCode = await runPrompt(prompt, flags);
    });
}
