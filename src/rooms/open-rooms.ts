import type { WorkspaceScope } from '../../machines/types.ts';
import { gitWorkspaces } from '../workspaces/git-workspaces.ts';
import { poolName } from '../workspaces/pool-name.ts';
import type { Workspaces } from '../workspaces/port.ts';
import { workspaceRooms } from './workspace-rooms.ts';
import type { WorkspaceRooms } from './workspace-rooms.ts';

/** Where a pool's tasks work. */
export interface WorkspacePlan {
  /** Whose folders tasks work in that do not say. Without it they work in `claude.cwd`. */
  readonly scope?: WorkspaceScope;
  readonly repository: string;
  readonly name?: string;
  readonly stateDir?: string;
  readonly baseRef?: string;
  readonly folder?: string;
  readonly tellMissing: boolean;
}

export interface OpenRooms {
  readonly workspaces: Workspaces;
  readonly rooms: WorkspaceRooms;
}

/** Rejects with `WORKTREE` when the pool needs workspaces and none can be made. */
export async function openRooms(
  { scope, repository, name, stateDir, baseRef, folder }: WorkspacePlan,
  signal: AbortSignal = new AbortController().signal,
): Promise<OpenRooms> {
  const pool = name ?? poolName(stateDir);
  const workspaces = gitWorkspaces({
    repository,
    pool,
    ...(baseRef !== undefined && { base: baseRef }),
    ...(folder !== undefined && { folder }),
  });
  if (scope !== undefined) await workspaces.check({ signal });
  const heirOf = scope !== undefined && stateDir !== undefined ? pool : undefined;
  return { workspaces, rooms: workspaceRooms({ workspaces, heirOf }) };
}
