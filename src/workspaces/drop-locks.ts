import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { LinkedWorktree } from './linked-worktree.ts';
import type { Repository } from './repository.ts';

/** What a git that was killed with its pool has left of ours. */
export async function dropLocks(
  { commonDir }: Repository,
  { gitDir }: LinkedWorktree,
  branch: string,
): Promise<void> {
  const locks = [
    path.join(gitDir, 'index.lock'),
    path.join(gitDir, 'HEAD.lock'),
    path.join(commonDir, 'refs/heads', `${branch}.lock`),
  ];
  await Promise.all(locks.map((lock) => rm(lock, { force: true })));
}
