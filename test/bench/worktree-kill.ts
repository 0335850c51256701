import { createHash } from 'node:crypto';
import { on } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { builtProgram } from '../built-program.ts';
import { commitAll, gitIn, makeRepository, scratchFolder, writeIn } from '../contracts/workspaces-stage.ts';
import { gitWorkspaces } from '../../src/workspaces/git-workspaces.ts';

const WORKER = builtProgram(new URL('worktree-worker.ts', import.meta.url));

/** What a worker does when it is killed. `move` is the part of a merge in which branch and files move. */
export const PHASES = ['create', 'preserve', 'merge', 'move', 'reset', 'remove'] as const;

/** When a worker is killed: so long after it has begun that. */
export interface KillPoint {
  readonly phase: (typeof PHASES)[number];
  readonly ms: number;
}

export interface KillRun {
  /** For each a worker is started and killed, all on one repository. */
  readonly points: readonly KillPoint[];
  /** Whether its git processes are killed with it. */
  readonly withGit: boolean;
  /** What tasks are merged into: a branch of its own, or the one that the user has checked out. */
  readonly into: 'target' | 'main';
}

export interface KillOutcome {
  readonly lines: number;
  /** Lines that were written and are in no ref. */
  readonly lost: readonly string[];
  /** What was not as it was after a kill, once the next pool had begun: the user's checkout, index and refs. */
  readonly touched: readonly string[];
  /** Merges that were cut off, and put in order by the next pool. */
  readonly mended: number;
  /** What git finds wrong in the repository. */
  readonly damage: string;
}

/** Kills workers in the middle of what they do, then saves what they left and looks for all they wrote. */
export async function killWorkers({ points, withGit, into }: KillRun): Promise<KillOutcome> {
  const home = await scratchFolder();
  const repository = path.join(home, 'repository');
  const folder = path.join(home, 'worktrees');
  const journal = path.join(home, 'journal');
  await makeUserRepository(repository, into);
  const stateOf = into === 'main' ? stateBesideMerges : wholeState;
  const before = await stateOf(repository);
  const { signal } = new AbortController();
  const touched: string[] = [];
  let mended = 0;
  for (const point of points) {
    await killOne({ repository, args: [repository, folder, journal, into], point, withGit });
    mended += (await isCutOff(repository)) ? 1 : 0;
    await gitWorkspaces({ repository, folder }).check({ signal });
    const now = await stateOf(repository);
    if (now !== before) touched.push(now);
  }
  await gitWorkspaces({ repository, folder }).prune({ signal });
  const lines = (await readFile(journal, 'utf8')).split('\n').filter((line) => line !== '');
  const kept = new Set(
    (await gitIn(repository, 'log', '--all', '-m', '--name-only', '--format=')).split('\n'),
  );
  const outcome = {
    lines: lines.length,
    lost: lines.filter((line) => !kept.has(line)),
    touched,
    mended,
    damage: (await gitIn(repository, 'fsck', '--no-dangling', '--no-progress')).trim(),
  };
  await rm(home, { recursive: true, force: true });
  return outcome;
}

async function makeUserRepository(repository: string, into: KillRun['into']): Promise<void> {
  await makeRepository(repository);
  await mkdir(path.join(repository, '.git/claude-pool'));
  await writeIn(repository, '.gitignore', 'ignored.txt\n');
  await commitAll(repository, 'ignore');
  await gitIn(repository, 'branch', 'target');
  await writeIn(repository, 'untracked.txt', 'untracked\n');
  await writeIn(repository, 'ignored.txt', 'ignored\n');
  if (into === 'main') return;
  await writeIn(repository, 'a.txt', 'not committed\n');
  await writeIn(repository, 'b.txt', 'staged\n');
  await gitIn(repository, 'add', 'b.txt');
}

interface Victim {
  readonly repository: string;
  readonly args: readonly string[];
  readonly point: KillPoint;
  readonly withGit: boolean;
}

async function killOne({ repository, args, point: { phase, ms }, withGit }: Victim): Promise<void> {
  const worker = execa(process.execPath, [WORKER, ...args], {
    detached: true,
    reject: false,
    stdin: 'ignore',
  });
  await (phase === 'move' ? movingGit(repository) : said(worker.stdout, phase));
  await delay(ms);
  if (worker.exitCode !== null) throw new Error(`The worker ended by itself: ${(await worker).stderr}`);
  process.kill(withGit ? -(worker.pid ?? 0) : (worker.pid ?? 0), 'SIGKILL');
  if (withGit) await killMovingGit(repository);
  await worker;
}

async function said(output: Readable, phase: string): Promise<void> {
  for await (const line of createInterface(output)) if (line === phase) return;
}

/** Resolves when a branch begins to move. */
export async function movingGit(repository: string): Promise<void> {
  const watcher = watch(path.join(repository, '.git/claude-pool'));
  for await (const [, name] of on(watcher, 'change')) if (name === LOCK) break;
  watcher.close();
}

const LOCK = 'advance-git.lock';

/** The git of a merge is in no group with its pool. */
export async function killMovingGit(repository: string): Promise<void> {
  const file = path.join(repository, '.git/claude-pool', LOCK);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  try {
    process.kill(JSON.parse(text).pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

export async function isCutOff(repository: string): Promise<boolean> {
  const names = await readdir(path.join(repository, '.git/claude-pool'));
  return names.includes('advance.json');
}

/** All that belongs to the user: files, index and refs. */
async function wholeState(repository: string): Promise<string> {
  const index = await readFile(path.join(repository, '.git/index'));
  const refs = ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads/main', 'refs/tags'];
  return [
    createHash('sha256').update(index).digest('hex'),
    await gitIn(repository, ...refs),
    await stateBesideMerges(repository),
  ].join('\n');
}

/** With a branch that moves: it is checked out whole, beside what the user has there, and nothing locks it. */
export async function stateBesideMerges(repository: string): Promise<string> {
  const files = ['a.txt', 'b.txt', 'untracked.txt', 'ignored.txt'];
  const texts = await Promise.all(files.map((file) => readFile(path.join(repository, file), 'utf8')));
  const head = await readFile(path.join(repository, '.git/HEAD'), 'utf8');
  const status = await gitIn(repository, '--no-optional-locks', 'status', '--porcelain');
  const names = await readdir(path.join(repository, '.git'));
  const locks = names.filter((name) => name.endsWith('.lock') || name.startsWith('claude-pool-'));
  const branchLocks = await readdir(path.join(repository, '.git/refs/heads'));
  return [
    ...texts,
    head,
    status,
    ...locks.filter((name) => name !== 'packed-refs.lock'),
    ...branchLocks.filter((name) => name.endsWith('.lock')),
  ].join('\n');
}
