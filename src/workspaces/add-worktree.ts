import { readdir, rmdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { exclusively } from './exclusively.ts';
import { PRESERVED, worktreeLock } from './layout.ts';
import type { Place, Saving } from './layout.ts';
import { dropUnfinished, findWorktree } from './linked-worktree.ts';
import type { LinkedWorktree } from './linked-worktree.ts';
import { makeFolder } from './make-folder.ts';
import { isReachable } from './reachable.ts';
import type { Repository } from './repository.ts';
import { findCommit } from './resolve-commit.ts';
import { saveRef } from './save-ref.ts';
import { findRegistered } from './worktree-list.ts';
import { unwritable, worktreeError } from './worktree-error.ts';

export interface Addition extends Saving {
  readonly place: Place;
  readonly base: string;
  readonly signal: AbortSignal;
}

/**
 * The worktree of that place, made without files when there is none. One at a time for each repository:
 * `git worktree add` fails beside another one, and leaves its branch behind.
 */
export function addWorktree(repository: Repository, addition: Addition): Promise<LinkedWorktree> {
  const file = path.join(repository.stateDir, 'add.lock');
  return exclusively({ file, signal: addition.signal }, async () => {
    await dropUnfinished(repository, addition.place.path);
    const existing = await findWorktree(repository, addition.place);
    if (existing !== undefined) return existing;
    await clearPlace(repository, addition);
    return create(repository, addition);
  });
}

async function create(repository: Repository, { place, base, signal }: Addition): Promise<LinkedWorktree> {
  await makeFolder(path.dirname(place.path));
  const add = ['worktree', 'add', '--no-checkout', '-B', place.branch, place.path, base];
  const { exitCode, stderr } = await repository.ask(add, { signal, lock: worktreeLock(repository, place) });
  const made = exitCode === 0 ? await findWorktree(repository, place) : undefined;
  if (made !== undefined) return made;
  throw worktreeError(
    `Expected to create a worktree at \`${place.path}\` with branch \`${place.branch}\`, got: ${stderr.trim()}. Mend that, or give the pool another \`worktreeDir\` or name.`,
  );
}

/** A worktree whose folder is gone, a branch without one, an empty folder: leftovers of a crash. */
async function clearPlace(repository: Repository, addition: Addition): Promise<void> {
  const { place, signal } = addition;
  const content = await contentOf(place.path);
  if (content.some((name) => name !== '.git')) throw occupied(place.path);
  await saveBranch(repository, addition);
  await rm(path.join(place.path, '.git'), { force: true });
  if (content.length > 0) await rmdir(place.path);
  if ((await findRegistered(repository, place.path, signal)) === undefined) return;
  await repository.git(['worktree', 'remove', place.path], { signal, lock: worktreeLock(repository, place) });
}

async function contentOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw unwritable(folder, error);
  }
}

async function saveBranch(repository: Repository, { place, task, attempt, signal }: Addition): Promise<void> {
  const commit = await findCommit(repository, `refs/heads/${place.branch}`, signal);
  if (commit === undefined) return;
  if (await isReachable(repository, { commit, except: place.branch, signal })) return;
  await saveRef(repository, { ref: `${PRESERVED}/${task}/${attempt}.branch`, commit, signal });
}

function occupied(folder: string): Error {
  return worktreeError(
    `Expected \`${folder}\` to be free for a worktree, and it holds files that belong to none. Move them away, or give the pool another \`worktreeDir\` or name.`,
  );
}
