import type { Command } from 'commander';

export interface InitFlags {
  readonly cwd: string;
  readonly json?: boolean;
}

const NOTES = `
It writes .claude-pool/config.yaml with every usual option as a comment, and lets git ignore .claude-pool/state.
What is there already stays as it is.

Examples:
  $ claude-pool init
  $ claude-pool init --json | jq -r .data.mcp

Exit codes: 0 it is set up · 2 wrong usage, a faulty configuration, or a file that cannot be written`;

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .summary('set up a repository')
    .description('Sets up a repository: a configuration to fill in, and a line for .gitignore.')
    .option('--cwd <folder>', 'a folder in the repository', '.')
    .option('--json', 'print JSON, and nothing else')
    .showHelpAfterError('See: claude-pool init --help')
    .addHelpText('after', NOTES)
    .action(async (flags: InitFlags) => {
      const { init } = await import('./init.ts');
      process.exitCode = await init(flags);
    });
}
