import type { Command } from 'commander';
import { commandGroup } from '../command-group.ts';
import { defaultCommand } from '../default-command.ts';
import { addAskFlags } from './ask-flags.ts';
import type { AskFlags } from './ask-flags.ts';

const NOTES = `
The shared context stands in the system prompt of every task that starts from now on.

Examples:
  $ claude-pool context set branch main
  $ claude-pool context get branch
  $ claude-pool context list --json | jq .data.context
  $ claude-pool context delete branch

Exit codes: 0 done · 1 no such entry · 2 wrong usage · 69 no pool runs`;

export function addContextCommand(program: Command): void {
  const context = commandGroup(program, {
    name: 'context',
    summary: 'look at and change the shared context',
    description: 'Looks at and changes what every task of the pool that runs is told.',
    notes: NOTES,
  });
  addAskFlags(defaultCommand(context, 'list'))
    .description('Prints all entries (the default).')
    .action(async (flags: AskFlags) => {
      const { listContext } = await import('./context.ts');
      process.exitCode = await listContext(flags);
    });
  addAskFlags(context.command('get'))
    .description('Prints the value of an entry.')
    .argument('<key>')
    .action(async (key: string, flags: AskFlags) => {
      const { getContext } = await import('./context.ts');
      process.exitCode = await getContext(key, flags);
    });
  addAskFlags(context.command('set'))
    .description('Sets an entry.')
    .argument('<key>')
    .argument('<value>')
    .action(async (key: string, value: string, flags: AskFlags) => {
      const { setContext } = await import('./context.ts');
      process.exitCode = await setContext({ key, value }, flags);
    });
  addAskFlags(context.command('delete'))
    .description('Deletes an entry.')
    .argument('<key>')
    .action(async (key: string, flags: AskFlags) => {
      const { deleteContext } = await import('./context.ts');
      process.exitCode = await deleteContext(key, flags);
    });
}
