import { lstat } from 'node:fs/promises';
import type { Repository } from './repository.ts';

export interface TreeChange {
  /** `A`, `D`, `M` or `T`. */
  readonly kind: string;
  readonly path: string;
}

export interface TreePair {
  readonly previous: string;
  readonly commit: string;
  readonly signal: AbortSignal;
}

/** Files that differ between two commits. Not submodules. */
export async function treeChanges(
  { git }: Repository,
  { previous, commit, signal }: TreePair,
): Promise<readonly TreeChange[]> {
  const list = ['diff-tree', '-r', '-z', '--no-renames', '--ignore-submodules', '--name-status'];
  const words = (await git([...list, previous, commit], { signal })).split('\0');
  const pairs = Array.from({ length: Math.floor(words.length / 2) }, (_, at) => words.slice(at * 2));
  return pairs.map(([kind = '', path = '']) => ({ kind, path }));
}

/** A link is one, a folder is none. */
export async function isFile(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined);
  return found?.isDirectory() === false;
}
