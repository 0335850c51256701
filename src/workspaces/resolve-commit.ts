import type { Repository } from './repository.ts';
import { worktreeError } from './worktree-error.ts';

/** The commit that a name stands for. Rejects with `WORKTREE` when there is none. */
export async function resolveCommit(
  repository: Repository,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const commit = await findCommit(repository, name, signal);
  if (commit !== undefined) return commit;
  const { exitCode } = await repository.ask(['rev-parse', '--verify', '--quiet', 'HEAD'], { signal });
  throw exitCode === 0 || name !== 'HEAD'
    ? worktreeError(
        `Expected \`${name}\` to name a commit of \`${repository.home}\`, got none. Name a branch, tag or commit.`,
      )
    : worktreeError(
        `Expected \`${repository.home}\` to have a commit, got none. Commit once, then try again.`,
      );
}

export async function findCommit(
  { ask }: Repository,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const revision = `${name}^{commit}`;
  const { exitCode, stdout } = await ask(['rev-parse', '--verify', '--quiet', '--end-of-options', revision], {
    signal,
  });
  return exitCode === 0 ? stdout.trim() : undefined;
}
