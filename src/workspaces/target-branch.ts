import type { Repository } from './repository.ts';
import { findCommit } from './resolve-commit.ts';
import { worktreeError } from './worktree-error.ts';

/** Short name of the branch that work goes to when nobody says: the base where it is one, else what is checked out. */
export async function targetBranch(repository: Repository, signal: AbortSignal): Promise<string> {
  const { base, home, ask } = repository;
  if ((await findCommit(repository, `refs/heads/${base}`, signal)) !== undefined) return base;
  const { exitCode, stdout } = await ask(['symbolic-ref', '--quiet', '--short', 'HEAD'], { signal });
  if (exitCode === 0) return stdout.trim();
  throw worktreeError(
    `Expected a branch to be checked out in \`${home}\`, and its HEAD is detached. Name the branch with \`into\`.`,
  );
}
