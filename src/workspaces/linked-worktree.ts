import { access, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { worktreeLock } from './layout.ts';
import type { Place } from './layout.ts';
import type { GitRun, Repository } from './repository.ts';
import type { GitAnswer } from './git.ts';

/**
 * A worktree whose git folder is named in each call. Git does not look for it: from a worktree whose `.git` is gone
 * it would find the checkout around it, and reset that.
 */
export interface LinkedWorktree {
  readonly path: string;
  readonly gitDir: string;
  readonly ask: (args: readonly string[], run: WorktreeRun) => Promise<GitAnswer>;
  readonly git: (args: readonly string[], run: WorktreeRun) => Promise<string>;
  /** Runs git that changes the worktree. Whoever takes the worktree over after a crash waits for its end. */
  readonly change: (args: readonly string[], run: WorktreeRun) => Promise<string>;
}

export type WorktreeRun = Omit<GitRun, 'cwd' | 'lock'>;

/** The worktree of this place, or `undefined` when the repository has none there. Mends its `.git` file. */
export async function findWorktree(
  repository: Repository,
  place: Pick<Place, 'pool' | 'id' | 'path'>,
): Promise<LinkedWorktree | undefined> {
  const folder = place.path;
  const gitDir = await gitDirOf(repository, folder);
  if (gitDir === undefined || !(await exists(folder))) return undefined;
  await mendLink(folder, gitDir);
  const pinned = ({ signal, env }: WorktreeRun): GitRun => ({
    signal,
    cwd: folder,
    env: { ...env, GIT_DIR: gitDir, GIT_WORK_TREE: folder },
  });
  return {
    path: folder,
    gitDir,
    ask: (args, run) => repository.ask(args, pinned(run)),
    git: (args, run) => repository.git(args, pinned(run)),
    change: (args, run) => repository.git(args, { ...pinned(run), lock: worktreeLock(repository, place) }),
  };
}

/** Removes what a `git worktree add` that was killed has left: nothing was ever checked out there. */
export async function dropUnfinished(repository: Repository, folder: string): Promise<void> {
  for (const gitDir of await gitDirs(repository)) {
    const isOurs = (await linkOf(gitDir)) === (await dotGit(folder));
    if (isOurs && !(await isFinished(gitDir))) await rm(gitDir, { recursive: true, force: true });
  }
}

async function gitDirOf(repository: Repository, folder: string): Promise<string | undefined> {
  const link = await dotGit(folder);
  for (const gitDir of await gitDirs(repository)) {
    if ((await linkOf(gitDir)) === link && (await isFinished(gitDir))) return gitDir;
  }
  return undefined;
}

async function gitDirs({ commonDir }: Repository): Promise<readonly string[]> {
  const folder = path.join(commonDir, 'worktrees');
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => path.join(folder, name));
}

async function linkOf(gitDir: string): Promise<string> {
  return (await readFile(path.join(gitDir, 'gitdir'), 'utf8').catch(() => '')).trim();
}

async function dotGit(folder: string): Promise<string> {
  const parent = await realpath(path.dirname(folder)).catch(() => path.dirname(folder));
  return path.join(parent, path.basename(folder), '.git');
}

async function isFinished(gitDir: string): Promise<boolean> {
  return (await exists(path.join(gitDir, 'HEAD'))) && (await exists(path.join(gitDir, 'commondir')));
}

async function mendLink(folder: string, gitDir: string): Promise<void> {
  const content = `gitdir: ${gitDir}\n`;
  const file = path.join(folder, '.git');
  const current = await readFile(file, 'utf8').catch((error: unknown) => (isMissing(error) ? '' : content));
  if (current === '') await writeFile(file, content);
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
