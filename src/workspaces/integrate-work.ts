import path from 'node:path';
import { advanceBranch } from './advance-branch.ts';
import { combine } from './combine.ts';
import { exclusively } from './exclusively.ts';
import type { Integration, IntegrateOptions } from './port.ts';
import type { Repository } from './repository.ts';
import { findCommit, resolveCommit } from './resolve-commit.ts';
import type { Verified } from './run-verification.ts';
import { targetBranch } from './target-branch.ts';
import { worktreeError } from './worktree-error.ts';

/** An outcome that has not been taken yet. */
export interface Outcome {
  readonly commit: string;
  readonly into: string;
}

/** Runs the check on a checkout of the commit. */
export type Verify = (outcome: Outcome) => Promise<Verified>;

const TRIES = 5;

/** Takes work into a branch, one at a time in each repository. Until the branch moves, nothing has changed. */
export function integrateWork(
  repository: Repository,
  { into: wanted, ...options }: IntegrateOptions,
  verify: Verify,
): Promise<Integration> {
  const file = path.join(repository.stateDir, 'integrate.lock');
  return exclusively({ file, signal: options.signal }, async () => {
    const into = wanted ?? (await targetBranch(repository, options.signal));
    for (let count = 1; count <= TRIES; count += 1) {
      const integration = await integrateOnce(repository, { ...options, into }, verify);
      if (integration !== 'moved') return integration;
    }
    throw worktreeError(
      `Expected branch \`${into}\` to stay where it is, and it moved ${TRIES} times. Try again.`,
    );
  });
}

async function integrateOnce(
  repository: Repository,
  options: IntegrateOptions & { readonly into: string },
  verify: Verify,
): Promise<Integration | 'moved'> {
  const { from, into, mode, message, signal } = options;
  const commit = await resolveCommit(repository, from, signal);
  const previous = await findCommit(repository, `refs/heads/${into}`, signal);
  if (previous === undefined) throw noBranch(repository, into);
  const words = message ?? `Merge ${from.replace(/^refs\/(?:heads\/)?/, '')} into ${into}`;
  const combined = await combine(repository, {
    mode,
    from: commit,
    target: previous,
    message: words,
    signal,
  });
  if (combined.status !== 'combined') return { ...combined, into };
  if (combined.commit === previous) return { status: 'merged', into, commit: previous, previous };
  const verified = await verify({ commit: combined.commit, into });
  if (verified.status === 'failed') return { status: 'rejected', into, output: verified.output };
  const outcome = await advanceBranch(repository, {
    branch: into,
    previous,
    commit: combined.commit,
    signal,
  });
  return outcome === 'moved' ? 'moved' : { status: 'merged', into, commit: combined.commit, previous };
}

function noBranch({ home }: Repository, into: string): Error {
  return worktreeError(
    `Expected \`into\` to be a branch of \`${home}\`, got \`${into}\`. Name a local branch.`,
  );
}
