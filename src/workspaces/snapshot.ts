import { randomUUID } from 'node:crypto';
import { access, copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { LinkedWorktree } from './linked-worktree.ts';

/** A worktree as it is on the disk, as trees; neither its index nor its files are touched. */
export interface Snapshot {
  /** The commit that is checked out; `undefined` on a branch without one. */
  readonly head: string | undefined;
  readonly headTree: string | undefined;
  /** Tracked and untracked files. Not what git ignores. */
  readonly tree: string;
  /** What is staged; `undefined` in the middle of a conflict. */
  readonly staged: string | undefined;
  /** Repositories within the worktree: no commit can hold them. */
  readonly nested: readonly string[];
}

export async function takeSnapshot(worktree: LinkedWorktree, signal: AbortSignal): Promise<Snapshot> {
  const index = path.join(worktree.gitDir, `claude-pool-index-${randomUUID()}`);
  const run = { signal, env: { GIT_INDEX_FILE: index } };
  const [head, headTree] = await headOf(worktree, signal);
  try {
    const isCheckedOut = await copyIndex(worktree, index);
    if (!isCheckedOut && head !== undefined) await worktree.git(['read-tree', head], run);
    const nested = await nestedRepositories(worktree, run);
    const staged = await worktree.ask(['write-tree'], run);
    // Without an index the checkout has not ended: what is missing was not deleted by anyone.
    const all = isCheckedOut ? '--all' : '--ignore-removal';
    const others = nested.map((folder) => `:(top,literal,exclude)${folder}`);
    await worktree.git(['add', all, '--', ':/', ...others], run);
    const tree = await worktree.git(['write-tree'], run);
    return { head, headTree, tree, staged: staged.exitCode === 0 ? staged.stdout.trim() : undefined, nested };
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
}

async function headOf(
  { ask }: LinkedWorktree,
  signal: AbortSignal,
): Promise<readonly [string | undefined, string | undefined]> {
  const { exitCode, stdout } = await ask(['log', '-1', '--format=%H%n%T', '--no-show-signature'], { signal });
  const [head, tree] = exitCode === 0 ? stdout.trim().split('\n') : [];
  return [head, tree];
}

async function copyIndex({ gitDir }: LinkedWorktree, copy: string): Promise<boolean> {
  const index = path.join(gitDir, 'index');
  const isThere = await access(index).then(
    () => true,
    () => false,
  );
  if (isThere) await copyFile(index, copy);
  return isThere;
}

async function nestedRepositories(
  { git }: LinkedWorktree,
  run: Parameters<LinkedWorktree['git']>[1],
): Promise<readonly string[]> {
  const text = await git(['ls-files', '-z', '--others', '--exclude-standard'], run);
  return text
    .split('\0')
    .filter((entry) => entry.endsWith('/'))
    .map((entry) => entry.slice(0, -1));
}
