import path from 'node:path';
import { exclusively } from './exclusively.ts';
import { PRESERVED, worktreeLock } from './layout.ts';
import { isReachable } from './reachable.ts';
import type { Repository } from './repository.ts';
import { resetWorktree } from './reset-worktree.ts';
import type { Restart } from './reset-worktree.ts';
import { findCommit } from './resolve-commit.ts';
import { saveRef } from './save-ref.ts';

/** Saves what is not saved, then removes folder and branch. Never by force: git refuses while anything is unsaved. */
export async function removeWorktree(repository: Repository, restart: Restart): Promise<string | undefined> {
  const { place, signal } = restart;
  const ref = await resetWorktree(repository, restart);
  const file = path.join(repository.stateDir, 'add.lock');
  await exclusively({ file, signal }, async () => {
    await repository.git(['worktree', 'remove', place.path], {
      signal,
      lock: worktreeLock(repository, place),
    });
    await removeBranch(repository, restart);
  });
  return ref;
}

async function removeBranch(
  repository: Repository,
  { place, task, attempt, signal }: Pick<Restart, 'place' | 'task' | 'attempt' | 'signal'>,
): Promise<void> {
  const branch = `refs/heads/${place.branch}`;
  const commit = await findCommit(repository, branch, signal);
  if (commit === undefined) return;
  if (!(await isReachable(repository, { commit, except: place.branch, signal }))) {
    await saveRef(repository, { ref: `${PRESERVED}/${task}/${attempt}.branch`, commit, signal });
  }
  await repository.git(['update-ref', '--no-deref', '-d', branch, commit], {
    signal,
    lock: worktreeLock(repository, place),
  });
}
