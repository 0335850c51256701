import type { Command } from 'commander';
import { addPoolFlags } from '../pool-flags.ts';
import { namedValues } from './named-values.ts';
import { addWorkFlags } from './work-flags.ts';
import type { WorkFlags } from './work-flags.ts';

/** The flags of `chain`, as they were parsed. */
export interface ChainFlags extends WorkFlags {
  readonly arg?: Readonly<Record<string, string>>;
}

const NOTES = `
See docs/chains.md for the form of the file. The chains of this package are issue-to-pr, plan-then-execute,
refactor-and-test and review-and-fix. In a pool that runs, options of Claude hold for the steps that set none.
What steps continue is for the file to say (\`session\`), not for --session.

With --json: { data: { outcomes: [{ id, state, output, spendUsd, chain: { steps, … }, error }] } }.

Examples:
  $ claude-pool chain release.yaml --arg version=1.2.0
  $ claude-pool chain plan-then-execute --arg task="add a cache" --permission-mode acceptEdits
  $ claude-pool chain - --json < release.yaml`;

export function addChainCommand(program: Command): void {
  const command = program
    .command('chain')
    .summary('run steps that build on each other')
    .description('Runs the steps of a YAML or JSON file, and prints what the last one says.')
    .argument('<file>', 'a file, the name of a chain of this package, or - for YAML on stdin')
    .option('--arg <name=value>', 'an argument of the chain; may be given several times', namedValues);
  addWorkFlags(addPoolFlags(command).addHelpText('after', NOTES))
    .showHelpAfterError('See: claude-pool chain --help')
    .action(async (file: string, flags: ChainFlags) => {
      const { runChain } = await import('./run-chain.ts');
      process.exitCode = await runChain(file, flags);
    });
}
