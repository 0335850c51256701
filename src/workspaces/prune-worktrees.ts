import { addWorktree } from './add-worktree.ts';
import { savingOf } from './acquire-worktree.ts';
import { allLeases, claimLease, dropLease, freeLease } from './lease.ts';
import type { Lease } from './lease.ts';
import { entryOf } from './list-worktrees.ts';
import type { PruneOptions, Pruned, WorktreeEntry } from './port.ts';
import { removeWorktree } from './remove-worktree.ts';
import type { Repository } from './repository.ts';

/** Removes the worktrees that no live process holds, each after saving what is not saved. */
export async function pruneWorktrees(
  repository: Repository,
  { dryRun = false, signal }: PruneOptions,
): Promise<Pruned> {
  const removed: WorktreeEntry[] = [];
  const kept: { worktree: WorktreeEntry; reason: string }[] = [];
  for (const lease of await allLeases(repository)) {
    const worktree = await entryOf(lease);
    if (worktree.status === 'held') continue;
    const reason = dryRun ? undefined : await removeLeased(repository, lease, signal);
    if (reason === undefined) removed.push(worktree);
    else kept.push({ worktree, reason });
  }
  return { removed, kept };
}

/** Returns why it was kept. */
async function removeLeased(
  repository: Repository,
  lease: Lease,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    await claimLease(repository, lease, signal);
  } catch (error) {
    return reasonOf(error, signal);
  }
  try {
    await removeHeld(repository, lease, signal);
    return undefined;
  } catch (error) {
    await freeLease(repository, lease);
    return reasonOf(error, signal);
  }
}

/** What this process holds the lease of. Returns the preserved ref. */
export async function removeHeld(
  repository: Repository,
  lease: Lease,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { pool, id, path, branch, base } = lease;
  const place = { pool, id, path, branch };
  const saving = savingOf(lease, id);
  const worktree = await addWorktree(repository, { place, base, ...saving, signal });
  const ref = await removeWorktree(repository, { place, base, worktree, ...saving, signal });
  await dropLease(repository, lease);
  return ref;
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  return error instanceof Error ? error.message : String(error);
}
