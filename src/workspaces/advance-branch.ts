import type { Repository } from './repository.ts';
import { registeredWorktrees } from './worktree-list.ts';
import { worktreeError } from './worktree-error.ts';

export interface Advance {
  /** Short name. */
  readonly branch: string;
  readonly previous: string;
  readonly commit: string;
  readonly signal: AbortSignal;
}

/**
 * Moves a branch that still is where it was. Where it is checked out, its files go with it, and only when they are
 * as committed. Returns `moved` when another was faster.
 */
export async function advanceBranch(
  repository: Repository,
  { branch, previous, commit, signal }: Advance,
): Promise<'advanced' | 'moved'> {
  const ref = `refs/heads/${branch}`;
  const worktrees = await registeredWorktrees(repository, signal);
  const checkout = worktrees.find((worktree) => worktree.branch === ref && !worktree.bare);
  if (checkout !== undefined)
    return advanceFiles(repository, { branch, previous, commit, signal }, checkout.path);
  const words = ['-m', `claude-pool: integrate ${commit}`];
  const { exitCode, stderr } = await repository.ask(['update-ref', ...words, ref, commit, previous], {
    signal,
  });
  if (exitCode === 0) return 'advanced';
  if (stderr.includes('but expected')) return 'moved';
  throw worktreeError(`Expected to move branch \`${branch}\`, got: ${stderr.trim()}`);
}

async function advanceFiles(
  { ask, git }: Repository,
  { branch, previous, commit, signal }: Advance,
  cwd: string,
): Promise<'advanced' | 'moved'> {
  const status = await git(['status', '--porcelain', '--untracked-files=no'], { signal, cwd });
  if (status !== '') throw unclean(branch, cwd);
  if ((await git(['rev-parse', 'HEAD'], { signal, cwd })) !== previous) return 'moved';
  const { exitCode, stderr } = await ask(['merge', '--ff-only', '--quiet', commit], { signal, cwd });
  if (exitCode === 0) return 'advanced';
  if (/fast-forward|diverg/i.test(stderr)) return 'moved';
  throw worktreeError(
    `Expected to bring the checkout of \`${branch}\` at \`${cwd}\` forward, got: ${stderr.trim()}. Nothing was merged; mend that and try again.`,
  );
}

function unclean(branch: string, folder: string): Error {
  return worktreeError(
    `Expected the checkout of \`${branch}\` at \`${folder}\` to have no uncommitted changes, and it has some. Nothing was merged; commit or stash them and try again, or choose another branch.`,
  );
}
