import { allLeases } from './lease.ts';
import type { Lease } from './lease.ts';
import { PRESERVED } from './layout.ts';
import type { PreservedEntry, WorkspaceList, WorktreeEntry } from './port.ts';
import { mayLive } from './process-identity.ts';
import type { Repository } from './repository.ts';

/** The worktrees of all pools of the repository, and all saved work. */
export async function listWorktrees(repository: Repository, signal: AbortSignal): Promise<WorkspaceList> {
  const leases = await allLeases(repository);
  return {
    worktrees: await Promise.all(leases.map(entryOf)),
    preserved: await preservedEntries(repository, signal),
  };
}

export async function entryOf({ pool, id, path, branch, task, owner }: Lease): Promise<WorktreeEntry> {
  const entry = { pool, id, path, branch, task };
  if (owner === undefined) return { ...entry, status: 'free' };
  return { ...entry, status: (await mayLive(owner)) ? 'held' : 'abandoned' };
}

async function preservedEntries(
  { git }: Repository,
  signal: AbortSignal,
): Promise<readonly PreservedEntry[]> {
  const format = '--format=%(refname) %(objectname) %(creatordate:iso-strict)';
  const text = await git(['for-each-ref', '--sort=creatordate', format, `${PRESERVED}/`], { signal });
  return text.split('\n').flatMap((line) => {
    const [ref = '', commit = '', date = ''] = line.split(' ');
    const task = ref.slice(PRESERVED.length + 1).split('/')[0] ?? '';
    return ref === '' ? [] : [{ ref, task, commit, savedAt: new Date(date).toISOString() }];
  });
}
