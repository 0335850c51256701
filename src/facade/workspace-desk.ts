import type { Abortable, PoolWorkspaces } from '../api.ts';
import type { FacadeParts } from './facade-parts.ts';

/** What can be asked about the repository of a pool's worktrees. */
export function workspaceDesk({ workspaces }: Pick<FacadeParts, 'workspaces'>): PoolWorkspaces {
  return {
    list: (options) => workspaces.list(call(options)),
    diff: (from, { base, ...options } = {}) =>
      workspaces.diff({ from, ...(base !== undefined && { base }) }, call(options)),
    restore: (ref, { branch, ...options }) => workspaces.restore({ ref, branch, ...call(options) }),
    prune: ({ dryRun = false, ...options } = {}) => workspaces.prune({ dryRun, ...call(options) }),
  };
}

function call({ signal = new AbortController().signal }: Abortable = {}): { readonly signal: AbortSignal } {
  return { signal };
}
