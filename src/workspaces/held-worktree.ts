import { holdLease } from './lease.ts';
import type { Lease } from './lease.ts';
import { placeOf } from './layout.ts';
import type { Place } from './layout.ts';
import { findWorktree } from './linked-worktree.ts';
import type { LinkedWorktree } from './linked-worktree.ts';
import type { Repository } from './repository.ts';
import { worktreeError } from './worktree-error.ts';

export interface HeldWorktree {
  readonly place: Place;
  readonly lease: Lease;
  readonly worktree: LinkedWorktree;
}

/** The worktree that this process holds. Rejects with `WORKTREE` when it does not, or when its folder is gone. */
export async function findHeld(repository: Repository, id: string): Promise<HeldWorktree> {
  const place = placeOf(repository, id);
  const lease = await holdLease(repository, place);
  const worktree = await findWorktree(repository, place);
  if (worktree !== undefined) return { place, lease, worktree };
  throw worktreeError(
    `Expected the worktree \`${place.path}\` to be there, and it is gone. Release it and acquire it again: what was committed there is kept.`,
  );
}
