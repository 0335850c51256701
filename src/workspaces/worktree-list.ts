import { realpath } from 'node:fs/promises';
import type { Repository } from './repository.ts';

/** A worktree as git knows it. */
export interface RegisteredWorktree {
  readonly path: string;
  /** Full name of the ref that is checked out; `undefined` when HEAD is detached or the repository is bare. */
  readonly branch: string | undefined;
  readonly bare: boolean;
}

/** The main one first. */
export async function registeredWorktrees(
  { git }: Repository,
  signal: AbortSignal,
): Promise<readonly RegisteredWorktree[]> {
  const text = await git(['worktree', 'list', '--porcelain', '-z'], { signal });
  return text
    .split('\0\0')
    .filter((entry) => entry !== '')
    .map((entry) => worktreeOf(entry.split('\0')));
}

export async function findRegistered(
  repository: Repository,
  folder: string,
  signal: AbortSignal,
): Promise<RegisteredWorktree | undefined> {
  const real = await realpath(folder).catch(() => folder);
  const all = await registeredWorktrees(repository, signal);
  return all.find((worktree) => worktree.path === folder || worktree.path === real);
}

function worktreeOf(lines: readonly string[]): RegisteredWorktree {
  const valueOf = (key: string): string | undefined =>
    lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
  return { path: valueOf('worktree') ?? '', branch: valueOf('branch'), bare: lines.includes('bare') };
}
