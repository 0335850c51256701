import type { Command } from 'commander';
import { addPoolFlags } from '../pool-flags.ts';
import { addWorkFlags } from './work-flags.ts';
import type { WorkFlags } from './work-flags.ts';

const NOTES = `
A line is a prompt, or a JSON object with \`prompt\` and options of its own: model, effort, tags, priority,
maxBudgetUsd, timeoutMs, jsonSchema … Empty lines are left out. Nothing runs unless every line can be read.

Without --slots a pool of its own has four slots, or as many as there are prompts.

With --json: { data: { outcomes: [{ id, state, output, spendUsd, result, error }] } }, in the order of the lines.

Examples:
  $ claude-pool fan-out prompts.txt
  $ git ls-files '*.ts' | sed 's/^/Review /' | claude-pool fan-out - --slots 8 --budget-usd 5
  $ claude-pool fan-out tasks.jsonl --json | jq -r '.data.outcomes[].output'`;

export function addFanOutCommand(program: Command): void {
  const command = program
    .command('fan-out')
    .summary('run many tasks side by side')
    .description('Runs one task for each line of a file, and prints all answers in order.')
    .argument('<file>', 'prompts, or JSON lines; - reads them from stdin');
  addWorkFlags(addPoolFlags(command).addHelpText('after', NOTES))
    .showHelpAfterError('See: claude-pool fan-out --help')
    .action(async (file: string, flags: WorkFlags) => {
      const { fanOut } = await import('./fan-out.ts');
      process.exitCode = await fanOut(file, flags);
    });
}
