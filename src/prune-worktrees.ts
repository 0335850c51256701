import type { WorktreeSite } from './list-worktrees.ts';
import { gitWorkspaces } from './workspaces/git-workspaces.ts';
import type { Pruned } from './workspaces/port.ts';

/**
 * Saves, then removes the git worktrees of a repository that no live process holds. `dryRun` only says which.
 *
 * @example
 * const { removed, kept } = await pruneWorktrees({ repository: '.', dryRun: true });
 */
export function pruneWorktrees({
  repository = '.',
  dryRun = false,
  signal = new AbortController().signal,
}: WorktreeSite & { readonly dryRun?: boolean } = {}): Promise<Pruned> {
  return gitWorkspaces({ repository }).prune({ dryRun, signal });
}
