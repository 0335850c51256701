import { dropLocks } from './drop-locks.ts';
import { claimLease, freeLease, readLease } from './lease.ts';
import { placeOf } from './layout.ts';
import { findWorktree } from './linked-worktree.ts';
import { mainCheckout, missingChanges } from './missing-changes.ts';
import type { Workspace } from './port.ts';
import type { Repository } from './repository.ts';

/** Takes the worktree as its last holder left it; `undefined` when there is none. */
export async function adoptWorktree(
  repository: Repository,
  id: string,
  signal: AbortSignal,
): Promise<Workspace | undefined> {
  const place = placeOf(repository, id);
  const known = await readLease(repository, place);
  if (known === undefined) return undefined;
  const before = await claimLease(repository, { ...place, base: known.base }, signal);
  const worktree = await findWorktree(repository, place);
  if (worktree === undefined) {
    await freeLease(repository, known);
    return undefined;
  }
  if (before?.owner !== undefined) await dropLocks(repository, worktree, place.branch);
  const checkout = await mainCheckout(repository, signal);
  const missing = checkout === undefined ? [] : await missingChanges(repository, checkout, signal);
  const { task } = known;
  return {
    id,
    path: place.path,
    branch: place.branch,
    base: known.base,
    missing,
    ...(task !== undefined && { task }),
  };
}
