import { randomUUID } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { writeAdvance } from './advance-journal.ts';
import type { AdvanceEntry } from './advance-journal.ts';
import { exclusively } from './exclusively.ts';
import { heldIndex, holdIndex } from './held-index.ts';
import type { HeldIndex } from './held-index.ts';
import type { Repository } from './repository.ts';
import { findCommit } from './resolve-commit.ts';
import { advanceLock, gitLock, mendHeld, settleAdvance } from './settle-advance.ts';
import { isFile, treeChanges } from './tree-changes.ts';
import type { TreePair } from './tree-changes.ts';
import { registeredWorktrees } from './worktree-list.ts';
import { worktreeError } from './worktree-error.ts';

export interface Advance {
  /** Short name. */
  readonly branch: string;
  readonly previous: string;
  readonly commit: string;
  readonly signal: AbortSignal;
}

/** What git may take to bring the files of a checkout forward. */
const LONGEST_MS = 600_000;

/**
 * Moves a branch that still is where it was. Where it is checked out, its files go with it, and only when they are
 * as committed. Once begun it does not heed the signal, and whoever comes after a crash puts it in order: all of it is
 * there or nothing. Returns `moved` when another was faster.
 */
export function advanceBranch(repository: Repository, advance: Advance): Promise<'advanced' | 'moved'> {
  const { branch, previous, commit, signal } = advance;
  return exclusively({ file: advanceLock(repository), signal }, async () => {
    await mendHeld(repository, signal);
    const checkout = await checkoutOf(repository, advance);
    const place = checkout === undefined ? {} : { checkout };
    const entry: AdvanceEntry = {
      version: 1,
      id: randomUUID(),
      status: 'checking',
      branch,
      previous,
      commit,
      ...place,
    };
    await writeAdvance(repository, entry);
    let last = entry;
    try {
      if (!(await isReady(repository, entry, signal))) return 'moved';
      last = { ...entry, status: 'moving' };
      await writeAdvance(repository, last);
      return await move(repository, entry);
    } finally {
      await settleAdvance(repository, last, AbortSignal.timeout(LONGEST_MS));
    }
  });
}

async function checkoutOf(
  repository: Repository,
  { branch, signal }: Advance,
): Promise<AdvanceEntry['checkout']> {
  const worktrees = await registeredWorktrees(repository, signal);
  const found = worktrees.find((worktree) => worktree.branch === `refs/heads/${branch}` && !worktree.bare);
  if (found === undefined) return undefined;
  const gitDir = await repository.git(['rev-parse', '--absolute-git-dir'], { signal, cwd: found.path });
  return { path: found.path, gitDir: path.resolve(gitDir) };
}

/** Says no when the branch has moved. From here on no git changes the index of the checkout. */
async function isReady(repository: Repository, entry: AdvanceEntry, signal: AbortSignal): Promise<boolean> {
  const { branch, previous, checkout } = entry;
  if (checkout !== undefined) {
    const held = heldIndex(checkout.gitDir, entry);
    if (!(await holdIndex(held))) throw locked(branch, held);
    const status = ['status', '--porcelain', '--untracked-files=no'];
    if ((await repository.git(status, { signal, cwd: checkout.path })) !== '')
      throw unclean(branch, checkout.path);
    const inTheWay = await untrackedFiles(repository, { ...entry, checkout, signal });
    if (inTheWay.length > 0) throw occupied(checkout.path, inTheWay);
    await copyFile(held.index, held.next);
  }
  const tip = await findCommit(repository, `refs/heads/${branch}`, signal);
  signal.throwIfAborted();
  return tip === previous;
}

/** Untracked and ignored files where the commit has files. */
async function untrackedFiles(
  repository: Repository,
  { checkout, ...pair }: TreePair & { readonly checkout: NonNullable<AdvanceEntry['checkout']> },
): Promise<readonly string[]> {
  const inTheWay: string[] = [];
  for (const { kind, path: file } of await treeChanges(repository, pair)) {
    if (kind === 'A' && (await isFile(path.join(checkout.path, file)))) inTheWay.push(file);
  }
  return inTheWay;
}

async function move(repository: Repository, entry: AdvanceEntry): Promise<'advanced' | 'moved'> {
  const { branch, previous, commit, checkout } = entry;
  const signal = AbortSignal.timeout(LONGEST_MS);
  const { stderr } = await repository.ask(commandOf(entry), {
    signal,
    lock: gitLock(repository),
    ...(checkout && {
      cwd: checkout.path,
      env: { GIT_INDEX_FILE: heldIndex(checkout.gitDir, entry).next },
    }),
  });
  const tip = await findCommit(repository, `refs/heads/${branch}`, signal);
  if (tip === commit) return 'advanced';
  if (tip !== previous) return 'moved';
  throw worktreeError(
    `Expected to move branch \`${branch}\`, got: ${stderr.trim()}. Nothing was merged; mend that and try again.`,
  );
}

function commandOf({ branch, previous, commit, checkout }: AdvanceEntry): readonly string[] {
  if (checkout !== undefined) return ['merge', '--ff-only', '--no-overwrite-ignore', '--quiet', commit];
  const words = ['-m', `claude-pool: integrate ${commit}`];
  return ['update-ref', ...words, `refs/heads/${branch}`, commit, previous];
}

function locked(branch: string, { lock }: HeldIndex): Error {
  return worktreeError(
    `Expected no git to be at work in the checkout of \`${branch}\`, and \`${lock}\` is there. Nothing was merged; end that git and try again, or remove the file when none runs.`,
  );
}

function occupied(folder: string, files: readonly string[]): Error {
  const names = files.map((file) => `\`${file}\``).join(', ');
  return worktreeError(
    `Expected to add files to the checkout at \`${folder}\`, and untracked or ignored ones are there: ${names}. Nothing was merged; move them away and try again, or choose another branch.`,
  );
}

function unclean(branch: string, folder: string): Error {
  return worktreeError(
    `Expected the checkout of \`${branch}\` at \`${folder}\` to have no uncommitted changes, and it has some. Nothing was merged; commit or stash them and try again, or choose another branch.`,
  );
}
