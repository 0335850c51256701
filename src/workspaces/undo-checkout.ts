import { copyFile, readFile, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { AdvanceEntry } from './advance-journal.ts';
import type { HeldIndex } from './held-index.ts';
import type { GitRun, Repository } from './repository.ts';
import { isFile, treeChanges } from './tree-changes.ts';
import type { TreeChange, TreePair } from './tree-changes.ts';

export interface Undoing extends TreePair {
  readonly checkout: NonNullable<AdvanceEntry['checkout']>;
  readonly held: HeldIndex;
}

const CHUNK = 500;

/**
 * Takes back what a merge that was cut off has done to the files of a checkout. A file that is neither as before nor
 * as the merge makes it nor a beginning of that is the user's, and stays.
 */
export async function undoCheckout(repository: Repository, undoing: Undoing): Promise<void> {
  const { checkout, held } = undoing;
  await rm(`${held.next}.lock`, { force: true });
  const touched = await touchedFiles(repository, undoing);
  if (touched.length === 0) return;
  const ours = await ofTheMerge(repository, undoing, touched);
  for (const { kind, path: file } of ours) if (kind === 'A') await removeFile(checkout.path, file);
  const restored = ours.filter(({ kind }) => kind !== 'A').map((change) => change.path);
  for (let start = 0; start < restored.length; start += CHUNK) {
    const files = restored.slice(start, start + CHUNK);
    await repository.git(['checkout-index', '--force', '--index', '--', ...files], runIn(undoing));
  }
  await rename(held.next, held.index);
}

/** Files of the merge that are not as before. */
async function touchedFiles(repository: Repository, undoing: Undoing): Promise<readonly TreeChange[]> {
  const { checkout, held } = undoing;
  await copyFile(held.index, held.next);
  const changed = await differing(repository, runIn(undoing));
  const touched: TreeChange[] = [];
  for (const change of await treeChanges(repository, undoing)) {
    const isAdded = change.kind === 'A';
    const isTouched = isAdded
      ? await isFile(path.join(checkout.path, change.path))
      : changed.has(change.path);
    if (isTouched) touched.push(change);
  }
  return touched;
}

async function ofTheMerge(
  repository: Repository,
  undoing: Undoing,
  touched: readonly TreeChange[],
): Promise<readonly TreeChange[]> {
  const { checkout, held, commit } = undoing;
  const index = `${held.next}.goal`;
  const folder = `${held.next}.files`;
  const run = runIn(undoing, index);
  try {
    await copyFile(held.index, index);
    await repository.git(['read-tree', '-i', '-m', commit], run);
    const others = await differing(repository, run);
    const ours: TreeChange[] = [];
    for (const change of touched) {
      const file = path.join(checkout.path, change.path);
      const isEnded = change.kind === 'D' ? !(await isFile(file)) : !others.has(change.path);
      if (isEnded || (await isBegun(change))) ours.push(change);
    }
    return ours;
  } finally {
    for (const left of [index, `${index}.lock`, folder]) await rm(left, { recursive: true, force: true });
  }

  /** Git writes a file from its beginning, after removing the one before. */
  async function isBegun({ kind, path: file }: TreeChange): Promise<boolean> {
    if (kind === 'D') return false;
    const disk = path.join(checkout.path, file);
    if (!(await isFile(disk))) return true;
    await repository.ask(['checkout-index', `--prefix=${folder}/`, '--', file], run);
    const goal = path.join(folder, file);
    const [begun, whole] = await Promise.all(
      [disk, goal].map((name) => readFile(name).catch(() => undefined)),
    );
    if (begun === undefined || whole === undefined) return false;
    return whole.subarray(0, begun.length).equals(begun);
  }
}

async function differing({ ask, git }: Repository, run: GitRun): Promise<ReadonlySet<string>> {
  await ask(['update-index', '-q', '--refresh'], run);
  return new Set((await git(['diff-files', '-z', '--name-only'], run)).split('\0'));
}

async function removeFile(root: string, file: string): Promise<void> {
  await rm(path.join(root, file));
  await removeEmpty(root, path.dirname(file));
}

async function removeEmpty(root: string, folder: string): Promise<void> {
  if (folder === '.') return;
  const isGone = await rmdir(path.join(root, folder)).then(
    () => true,
    () => false,
  );
  if (isGone) await removeEmpty(root, path.dirname(folder));
}

function runIn({ checkout, held, signal }: Undoing, index: string = held.next): GitRun {
  return { signal, cwd: checkout.path, env: { GIT_INDEX_FILE: index } };
}
