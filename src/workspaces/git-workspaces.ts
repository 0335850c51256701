import { acquireWorktree, restartWorktree } from './acquire-worktree.ts';
import { adoptWorktree } from './adopt-worktree.ts';
import { describeWork, patchBetween } from './describe-work.ts';
import { findHeld } from './held-worktree.ts';
import { demandHiddenFolder } from './hidden-folder.ts';
import { integrateWork } from './integrate-work.ts';
import { freeLease, holdLease, writeLease } from './lease.ts';
import { listWorktrees } from './list-worktrees.ts';
import { mergeBase } from './merge-base.ts';
import type { GitWorkspacesOptions } from './options.ts';
import type { Workspaces } from './port.ts';
import { preserveWork } from './preserve-work.ts';
import { pruneWorktrees, removeHeld } from './prune-worktrees.ts';
import { openRepository } from './repository.ts';
import type { Repository } from './repository.ts';
import { resolveCommit } from './resolve-commit.ts';
import { restoreWork } from './restore-work.ts';
import { mendAdvance } from './settle-advance.ts';
import { takeSnapshot } from './snapshot.ts';
import { validated } from './validated.ts';
import { verifyCommit } from './verify-commit.ts';

export type { GitWorkspacesOptions };

/**
 * Workspaces as git worktrees of one repository. No work is lost: whatever no branch reaches is saved under
 * `refs/claude-pool/preserved/<task>/<attempt>` before a worktree is reset or removed.
 */
export function gitWorkspaces(options: GitWorkspacesOptions): Workspaces {
  let opened: Repository | undefined;
  const open = async (signal: AbortSignal): Promise<Repository> => {
    opened ??= await openRepository(options, signal);
    return opened;
  };
  let mended: Promise<void> | undefined;
  /** Before anything is done in the repository: what a pool that was killed in a merge has left of it. */
  const enter = async (signal: AbortSignal): Promise<Repository> => {
    const repository = await open(signal);
    mended ??= mendAdvance(repository, signal);
    await mended.catch((error: unknown) => {
      mended = undefined;
      throw error;
    });
    return repository;
  };
  return {
    check: async ({ signal }) => {
      const repository = await enter(signal);
      await resolveCommit(repository, repository.base, signal);
      await demandHiddenFolder(repository, signal);
    },
    acquire: async (acquisition) => acquireWorktree(await enter(acquisition.signal), validated(acquisition)),
    adopt: async (id, { signal }) =>
      adoptWorktree(await open(signal), validated({ id, task: id }).id, signal),
    reset: async ({ id }, reset) => {
      const repository = await open(reset.signal);
      const { worktree, lease } = await findHeld(repository, id);
      return restartWorktree(repository, { ...validated({ ...reset, id }), worktree, before: lease });
    },
    preserve: async ({ id }, saving) => {
      const repository = await open(saving.signal);
      const { worktree, place, lease } = await findHeld(repository, id);
      const { ref } = await preserveWork(repository, { ...validated({ ...saving, id }), worktree, place });
      await writeLease(repository, { ...lease, task: saving.task, attempt: saving.attempt });
      return ref;
    },
    describe: async ({ id, base, branch }, { signal }) => {
      const repository = await open(signal);
      const { worktree, lease } = await findHeld(repository, id);
      return describeWork(repository, { worktree, base, branch, task: lease.task, signal });
    },
    diff: async (subject, { signal }) => {
      const repository = await open(signal);
      if ('from' in subject) {
        const { from: goal, base = await mergeBase(repository, { tip: goal, signal }) } = subject;
        return patchBetween(repository, { base, goal, signal });
      }
      const { base } = subject;
      const { worktree } = await findHeld(repository, subject.id);
      const { tree } = await takeSnapshot(worktree, signal);
      return patchBetween(repository, { base, goal: tree, signal });
    },
    release: async ({ id }, { signal }) => {
      const repository = await open(signal);
      await freeLease(repository, await holdLease(repository, { pool: repository.pool, id }));
    },
    remove: async ({ id }, { signal }) => {
      const repository = await open(signal);
      const lease = await holdLease(repository, { pool: repository.pool, id });
      const preservedRef = await removeHeld(repository, lease, signal);
      return preservedRef === undefined ? {} : { preservedRef };
    },
    list: async ({ signal }) => listWorktrees(await open(signal), signal),
    restore: async (restoring) => restoreWork(await open(restoring.signal), restoring),
    prune: async (pruning) =>
      pruneWorktrees(await (pruning.dryRun === true ? open : enter)(pruning.signal), pruning),
    integrate: async (integration) => {
      const repository = await open(integration.signal);
      return integrateWork(repository, integration, verifyCommit(repository, integration));
    },
  };
}
