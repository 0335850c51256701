import type { Command } from 'commander';

export interface WorktreesFlags {
  readonly repository: string;
  readonly prune?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const NOTES = `
Work is saved before a worktree is removed. Those that a live pool holds are never touched.

Examples:
  $ claude-pool worktrees                     what pools, dead or alive, have in this repository
  $ claude-pool worktrees --prune --dry-run   what would be removed
  $ claude-pool worktrees --prune

Exit codes: 0 printed · 1 no repository · 2 wrong usage · 130 Ctrl-C · 143 SIGTERM`;

export function addWorktreesCommand(program: Command): void {
  program
    .command('worktrees')
    .summary('list the git worktrees of pools, and remove those of dead ones')
    .description('Lists the git worktrees that pools have in a repository, and the work that they saved.')
    .option('--repository <folder>', 'a folder in the repository', '.')
    .option('--prune', 'save and remove those that no live process holds')
    .option('--dry-run', 'with --prune: only say which')
    .option('--json', 'print JSON')
    .showHelpAfterError('See: claude-pool worktrees --help')
    .addHelpText('after', NOTES)
    .action(async (flags: WorktreesFlags) => {
      const { printWorktrees } = await import('./print-worktrees.ts');
      process.exitCode = await printWorktrees(flags);
    });
}
