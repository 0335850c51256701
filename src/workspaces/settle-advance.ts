import { readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { announcedGitEnd } from './announced-git.ts';
import { dropAdvance, readAdvance } from './advance-journal.ts';
import type { AdvanceEntry } from './advance-journal.ts';
import { exclusively } from './exclusively.ts';
import { heldIndex, holdIndex, isHeld, releaseIndex } from './held-index.ts';
import type { HeldIndex } from './held-index.ts';
import type { Repository } from './repository.ts';
import { findCommit } from './resolve-commit.ts';
import { undoCheckout } from './undo-checkout.ts';
import { worktreeError } from './worktree-error.ts';

/** Held while a branch is moved, by the pool. */
export function advanceLock({ stateDir }: Repository): string {
  return path.join(stateDir, 'advance.lock');
}

/** Held while a branch is moved, by git. */
export function gitLock({ stateDir }: Repository): string {
  return path.join(stateDir, 'advance-git.lock');
}

/** Puts in order what a pool that was killed in a merge has left: the user's checkout is as before it or as after it. */
export async function mendAdvance(repository: Repository, signal: AbortSignal): Promise<void> {
  if ((await readAdvance(repository)) === undefined) return;
  await exclusively({ file: advanceLock(repository), signal }, () => mendHeld(repository, signal));
}

/** For who holds the `advanceLock`. Waits for a git that outlived its pool. */
export async function mendHeld(repository: Repository, signal: AbortSignal): Promise<void> {
  const left = await readAdvance(repository);
  if (left === undefined) return;
  await announcedGitEnd(gitLock(repository), { signal });
  if (left.status === 'moving') await dropRefLocks(repository, left);
  await settleAdvance(repository, left, signal);
}

/** For a move whose git has ended. */
export async function settleAdvance(
  repository: Repository,
  { checkout, ...left }: AdvanceEntry,
  signal: AbortSignal,
): Promise<void> {
  if (checkout !== undefined) await settleCheckout(repository, { ...left, checkout }, signal);
  await dropAdvance(repository);
}

type CheckedOut = AdvanceEntry & { readonly checkout: NonNullable<AdvanceEntry['checkout']> };

/** The branch decides: git moves it when all files are written. */
async function settleCheckout(repository: Repository, left: CheckedOut, signal: AbortSignal): Promise<void> {
  const { branch, previous, commit, checkout, status } = left;
  const held = heldIndex(checkout.gitDir, left);
  const isOurs = await isHeld(held);
  if (status === 'moving' && (isOurs || (await isAsLeft(repository, left, signal)))) {
    if (!isOurs && !(await holdIndex(held))) throw locked(held);
    const tip = await findCommit(repository, `refs/heads/${branch}`, signal);
    if (tip === commit) await rename(held.next, held.index).catch(unlessGone);
    if (tip === previous) await undoCheckout(repository, { ...left, held, signal });
  }
  if (await isHeld(held)) await releaseIndex(held);
}

/** Somebody has removed our lock: whether nothing else was done since. */
async function isAsLeft(
  { ask }: Repository,
  { branch, previous, checkout }: CheckedOut,
  signal: AbortSignal,
): Promise<boolean> {
  const run = { signal, cwd: checkout.path };
  const head = await ask(['symbolic-ref', '--quiet', 'HEAD'], run);
  const index = await ask(['diff-index', '--cached', '--quiet', previous, '--'], run);
  return head.stdout.trim() === `refs/heads/${branch}` && index.exitCode === 0;
}

/** Of a git that was killed: one that it has written for this move, and those that no other takes while the index is ours. */
async function dropRefLocks({ commonDir }: Repository, left: AdvanceEntry): Promise<void> {
  const { branch, commit, checkout } = left;
  const file = path.join(commonDir, 'refs/heads', `${branch}.lock`);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined && ['', commit].includes(text.trim())) await rm(file, { force: true });
  if (checkout === undefined || !(await isHeld(heldIndex(checkout.gitDir, left)))) return;
  for (const name of ['HEAD.lock', 'ORIG_HEAD.lock'])
    await rm(path.join(checkout.gitDir, name), { force: true });
}

function unlessGone(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}

function locked({ lock }: HeldIndex): Error {
  return worktreeError(
    `Expected no git to be at work where a merge was cut off, and \`${lock}\` is there. End that git and try again, or remove the file when none runs.`,
  );
}
