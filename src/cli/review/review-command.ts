import { Option } from 'commander';
import type { Command } from 'commander';
import type { ApproveOptions } from '../../index.ts';
import { addAskFlags } from '../ask/ask-flags.ts';
import type { AskFlags } from '../ask/ask-flags.ts';
import { commandGroup } from '../command-group.ts';
import { defaultCommand } from '../default-command.ts';

export interface ShowFlags extends AskFlags {
  readonly diff?: boolean;
}

export interface ApproveFlags extends AskFlags, Pick<ApproveOptions, 'merge' | 'into'> {}

export interface RejectFlags extends AskFlags {
  readonly message: string;
}

const NOTES = `
Results wait here of \`claude-pool run --review\`, of tasks that an agent submits for review to
\`claude-pool mcp --state-dir FOLDER\`, and of attempts whose end nobody can tell. \`list\` and \`show\` read the
folder; the others need the pool that runs on it.

Examples:
  $ claude-pool review list
  $ claude-pool review show task-0f3c… --diff
  $ claude-pool review approve task-0f3c… --merge squash
  $ claude-pool review reject task-0f3c… -m "handle the empty file too"

Exit codes: 0 done · 1 no such task, or its result waits for no review · 2 wrong usage · 69 no pool runs`;

export function addReviewCommand(program: Command): void {
  const review = commandGroup(program, {
    name: 'review',
    summary: 'look at results that wait for review, and decide',
    description: 'Lists, shows, approves and rejects results that wait for review.',
    notes: NOTES,
  });
  addAskFlags(defaultCommand(review, 'list'))
    .description('Lists the results that wait (the default).')
    .action(async (flags: AskFlags) => {
      const { printTasks } = await import('../history/print-tasks.ts');
      process.exitCode = await printTasks({ ...flags, state: 'pendingReview', limit: 1_000 });
    });
  addAskFlags(review.command('show'))
    .description('Shows a task with its result.')
    .argument('<id>', 'id of the task')
    .option('--diff', 'print only the patch of what it did in its git worktree')
    .action(async (id: string, flags: ShowFlags) => {
      const { showReview } = await import('./decide.ts');
      process.exitCode = await showReview(id, flags);
    });
  addAskFlags(review.command('approve'))
    .description('Completes a task, and merges its work first where asked to.')
    .argument('<id>', 'id of the task')
    .addOption(
      new Option('--merge <mode>', 'how its work goes into a branch').choices([
        'ff',
        'merge',
        'squash',
        'rebase',
      ]),
    )
    .option('--into <branch>', 'which branch (default: the one that the repository has checked out)')
    .action(async (id: string, flags: ApproveFlags) => {
      const { approve } = await import('./decide.ts');
      process.exitCode = await approve(id, flags);
    });
  addAskFlags(review.command('reject'))
    .description('Sends a task back to work. The last of its rejections fails it.')
    .argument('<id>', 'id of the task')
    .requiredOption('-m, --message <text>', 'what is missing')
    .action(async (id: string, flags: RejectFlags) => {
      const { reject } = await import('./decide.ts');
      process.exitCode = await reject(id, flags);
    });
}
