import type { Abortable } from './api.ts';
import { gitWorkspaces } from './workspaces/git-workspaces.ts';
import type { WorkspaceList } from './workspaces/port.ts';

/** Whose worktrees they are. */
export interface WorktreeSite extends Abortable {
  /** The repository's folder, or any folder in one of its checkouts. @default the working directory */
  readonly repository?: string;
}

/**
 * The git worktrees of all pools of a repository, also of those that are gone, and all work that they saved.
 *
 * @example
 * const { worktrees, preserved } = await listWorktrees({ repository: '.' });
 */
export function listWorktrees({
  repository = '.',
  signal = new AbortController().signal,
}: WorktreeSite = {}): Promise<WorkspaceList> {
  return gitWorkspaces({ repository }).list({ signal });
}
