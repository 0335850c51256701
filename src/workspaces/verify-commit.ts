import { acquireWorktree } from './acquire-worktree.ts';
import { findHeld } from './held-worktree.ts';
import type { Verify } from './integrate-work.ts';
import { freeLease } from './lease.ts';
import type { IntegrateOptions } from './port.ts';
import type { Repository } from './repository.ts';
import { runVerification } from './run-verification.ts';

const ID = 'integration';
const TIMEOUT_MS = 600_000;

/** Runs `verify` in a worktree of its own, which is kept for the next time. */
export function verifyCommit(repository: Repository, integration: IntegrateOptions): Verify {
  const { verify: command, verifyTimeoutMs: timeoutMs = TIMEOUT_MS, signal } = integration;
  if (command === undefined) return async () => ({ status: 'passed' });
  return async ({ commit, into }) => {
    const { path: cwd } = await acquireWorktree(repository, { id: ID, task: ID, base: commit, signal });
    try {
      return await runVerification({ command, cwd, env: repository.env, timeoutMs, signal });
    } finally {
      await discard(repository, into);
    }
  };
}

/** What a check has written is nobody's work. */
async function discard(repository: Repository, into: string): Promise<void> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { worktree, place, lease } = await findHeld(repository, ID);
  await worktree.change(['checkout', '--quiet', '--force', '-B', place.branch, `refs/heads/${into}`], {
    signal,
  });
  await worktree.change(['clean', '-ffdxq'], { signal });
  await freeLease(repository, lease);
}
