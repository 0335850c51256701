import { Option } from 'commander';
import type { Command } from 'commander';

/** The flags of `machines`, as they were parsed. */
export interface MachinesFlags {
  readonly mermaid?: boolean;
  readonly json?: boolean;
  readonly stately?: boolean;
}

const NOTES = `
Without a name all are printed, with their headings, as Markdown; with a name its diagram alone.

Examples:
  $ claude-pool machines                    all statecharts, as Mermaid in Markdown
  $ claude-pool machines task               one statechart, as Mermaid
  $ claude-pool machines --json | jq .data.task.states
  $ claude-pool machines --stately          for https://stately.ai/editor (import from code)

Exit codes: 0 printed · 2 wrong usage`;

export function addMachinesCommand(program: Command): void {
  program
    .command('machines')
    .summary('print the statecharts that run')
    .description('Prints the statecharts of the actors, drawn from their definitions.')
    .argument('[name]', 'pool, slot, task, chain or step (default: all)')
    .addOption(new Option('--mermaid', 'as Mermaid diagrams (default)').conflicts(['json', 'stately']))
    .addOption(new Option('--json', 'as their definitions in JSON').conflicts(['stately']))
    .option('--stately', "as source text for Stately's editor")
    .showHelpAfterError('See: claude-pool machines --help')
    .addHelpText('after', NOTES)
    .action(async (name: string | undefined, flags: MachinesFlags, command: Command) => {
      const { allMachines } = await import('../diagrams/all-machines.ts');
      const machines = allMachines.filter(({ id }) => name === undefined || id === name);
      if (machines.length === 0) command.error(`error: expected ${NAMES}, got \`${name}\``);
      const { printMachines } = await import('./print-machines.ts');
      printMachines(machines, flags);
    });
}

const NAMES = '`pool`, `slot`, `task`, `chain` or `step`';
