import path from 'node:path';
import type { Repository } from './repository.ts';

/** Where a worktree lies and what its branch is called: never shared by two repositories or pools. */
export interface Place {
  readonly pool: string;
  readonly id: string;
  readonly path: string;
  readonly branch: string;
}

export const PRESERVED = 'refs/claude-pool/preserved';

export function placeOf({ pool, worktreesDir }: Repository, id: string): Place {
  return { pool, id, path: path.join(worktreesDir, pool, id), branch: `claude-pool/${pool}/${id}` };
}

/** Held by a git that changes the worktree. */
export function worktreeLock({ stateDir }: Repository, { pool, id }: Pick<Place, 'pool' | 'id'>): string {
  return path.join(stateDir, 'leases', pool, `${id}.lock`);
}

/** For repositories that a task made within its worktree: they fit into no commit. */
export function keptFolder({ path: folder }: Place, { task, attempt }: Saving): string {
  return path.join(path.dirname(folder), '.kept', `${task}-${attempt}`);
}

/** For whom work is saved. */
export interface Saving {
  readonly task: string;
  readonly attempt: number;
}
