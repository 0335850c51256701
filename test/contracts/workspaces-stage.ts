import { mkdir, mkdtemp, readFile, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { gitWorkspaces } from '../../src/workspaces/git-workspaces.ts';
import type { GitWorkspacesOptions } from '../../src/workspaces/options.ts';
import type { Workspaces } from '../../src/workspaces/port.ts';

export interface Stage extends AsyncDisposable {
  /** A folder for this test alone. */
  readonly home: string;
  /** The user's checkout, with one commit of `a.txt` and `b.txt` on `main`. */
  readonly repository: string;
  readonly workspaces: Workspaces;
  readonly signal: AbortSignal;
  readonly again: (options?: Partial<GitWorkspacesOptions>) => Workspaces;
  /** What git prints, in the user's checkout. */
  readonly git: (...args: string[]) => Promise<string>;
  readonly write: (file: string, text: string) => Promise<void>;
}

/** A real repository in a folder of its own, and workspaces on it. */
export async function stage(options: Partial<GitWorkspacesOptions> = {}): Promise<Stage> {
  const home = await scratchFolder();
  const repository = path.join(home, 'repository');
  await makeRepository(repository);
  const again: Stage['again'] = (more = {}) =>
    gitWorkspaces({ repository, folder: path.join(home, 'worktrees'), ...options, ...more });
  return {
    home,
    repository,
    workspaces: again(),
    signal: new AbortController().signal,
    again,
    git: (...args) => gitIn(repository, ...args),
    write: (file, text) => writeIn(repository, file, text),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

/** A folder whose name tells which process has made it. */
export async function scratchFolder(root = tmpdir()): Promise<string> {
  return realpath(await mkdtemp(path.join(root, `workspaces-${process.pid}-`)));
}

/** Removes the scratch folders of processes that were killed before they could. */
export async function clearScratch(root = tmpdir()): Promise<void> {
  for (const name of await readdir(root)) {
    const [, pid] = /^workspaces-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(path.join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A copy of one that is made once: six processes of git are a good part of a short test. */
export async function makeRepository(folder: string): Promise<void> {
  template ??= makeTemplate();
  for (const { name, content } of await template) {
    const place = path.join(folder, name);
    await (content === undefined ? mkdir(place, { recursive: true }) : writeFile(place, content));
  }
}

interface Entry {
  readonly name: string;
  /** `undefined` of a folder. */
  readonly content: Buffer | undefined;
}

let template: Promise<readonly Entry[]> | undefined;

async function makeTemplate(): Promise<readonly Entry[]> {
  const folder = await scratchFolder();
  await gitIn(folder, 'init', '--quiet', '--initial-branch=main');
  await rm(path.join(folder, '.git/hooks'), { recursive: true });
  await mkdir(path.join(folder, '.git/hooks'));
  await gitIn(folder, 'config', 'user.name', 'User');
  await gitIn(folder, 'config', 'user.email', 'user@example.com');
  await writeIn(folder, 'a.txt', 'a\n');
  await writeIn(folder, 'b.txt', 'b\n');
  await commitAll(folder, 'first');
  const names = ['.', ...(await readdir(folder, { recursive: true })).toSorted()];
  const entries = names.map(async (name) => {
    const place = path.join(folder, name);
    return { name, content: (await stat(place)).isDirectory() ? undefined : await readFile(place) };
  });
  const all = await Promise.all(entries);
  await rm(folder, { recursive: true });
  return all;
}

export async function commitAll(folder: string, message: string): Promise<string> {
  await gitIn(folder, 'add', '--all');
  await gitIn(folder, 'commit', '--quiet', '--message', message);
  return gitIn(folder, 'rev-parse', 'HEAD');
}

export async function gitIn(cwd: string, ...args: string[]): Promise<string> {
  return (await execa('git', args, { cwd })).stdout;
}

export async function writeIn(folder: string, file: string, text: string): Promise<void> {
  const full = path.join(folder, file);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, text);
}
