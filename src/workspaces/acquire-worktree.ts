import { addWorktree } from './add-worktree.ts';
import { copyIncluded } from './copy-included.ts';
import { dropLocks } from './drop-locks.ts';
import { demandHiddenFolder } from './hidden-folder.ts';
import { claimLease, dropLease, freeLease, writeLease } from './lease.ts';
import type { Lease } from './lease.ts';
import { placeOf } from './layout.ts';
import { findWorktree } from './linked-worktree.ts';
import type { LinkedWorktree } from './linked-worktree.ts';
import { mainCheckout, missingChanges } from './missing-changes.ts';
import type { ResetOptions, Workspace } from './port.ts';
import { ownIdentity } from './process-identity.ts';
import type { Repository } from './repository.ts';
import { resetWorktree } from './reset-worktree.ts';
import { resolveCommit } from './resolve-commit.ts';

export interface Acquisition extends ResetOptions {
  readonly id: string;
}

/** Creates the worktree or takes the free one, at its base. After a failure nobody holds it. */
export async function acquireWorktree(repository: Repository, acquisition: Acquisition): Promise<Workspace> {
  const { id, signal } = acquisition;
  const place = placeOf(repository, id);
  const base = await resolveCommit(repository, acquisition.base ?? repository.base, signal);
  await demandHiddenFolder(repository, signal);
  const before = await claimLease(repository, { ...place, base }, signal);
  try {
    const saving = savingOf(before, id);
    const worktree = await addWorktree(repository, { place, base, ...saving, signal });
    if (before?.owner !== undefined) await dropLocks(repository, worktree, place.branch);
    return await restartWorktree(repository, { ...acquisition, worktree, before });
  } catch (error) {
    const isThere = before !== undefined || (await findWorktree(repository, place)) !== undefined;
    if (isThere) await freeLease(repository, { ...place, base, version: 1, ...before });
    else await dropLease(repository, place);
    throw error;
  }
}

export interface Restarting extends Acquisition {
  readonly worktree: LinkedWorktree;
  /** What the lease said of the task before. */
  readonly before: Lease | undefined;
}

/** Saves what the task before has left, and gives the worktree to the next one. */
export async function restartWorktree(repository: Repository, restarting: Restarting): Promise<Workspace> {
  const { id, task, attempt = 1, worktree, before, signal } = restarting;
  const place = placeOf(repository, id);
  const { work } = restarting;
  const base = await resolveCommit(repository, work?.base ?? restarting.base ?? repository.base, signal);
  const start = work === undefined ? base : await resolveCommit(repository, work.ref, signal);
  await resetWorktree(repository, { place, base: start, worktree, ...savingOf(before, id), signal });
  if (work?.dirty === true) await worktree.change(['reset', '--quiet', `${start}^`], { signal });
  const checkout = await mainCheckout(repository, signal);
  if (checkout !== undefined) await copyIncluded(repository, { checkout, folder: place.path, signal });
  const missing = checkout === undefined ? [] : await missingChanges(repository, checkout, signal);

  await writeLease(repository, { ...place, version: 1, base, task, attempt, owner: await ownIdentity() });
  return { id, path: place.path, branch: place.branch, base, missing };
}

/** Whose work the worktree holds. */
export function savingOf(
  lease: Lease | undefined,
  id: string,
): { readonly task: string; readonly attempt: number } {
  return { task: lease?.task ?? id, attempt: lease?.attempt ?? 1 };
}
