import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { gitIn, makeRepository, scratchFolder, writeIn } from '../contracts/workspaces-stage.ts';
import { gitWorkspaces } from '../../src/workspaces/git-workspaces.ts';

const WORKER = fileURLToPath(new URL('worktree-worker.ts', import.meta.url));

export interface KillRun {
  /** How often a worker is started and killed, all on one repository. */
  readonly kills: number;
  /** Milliseconds after the start of a worker's work. */
  readonly killAfterMs: () => number;
  /** Whether its git processes are killed with it. */
  readonly withGit: boolean;
}

export interface KillOutcome {
  readonly lines: number;
  /** Lines that were written and are in no ref. */
  readonly lost: readonly string[];
  /** Whether the user's checkout, index and refs are what they were. */
  readonly untouched: boolean;
  /** What git finds wrong in the repository. */
  readonly damage: string;
}

/** Kills workers in the middle of what they do, then saves what they left and looks for all they wrote. */
export async function killWorkers({ kills, killAfterMs, withGit }: KillRun): Promise<KillOutcome> {
  const home = await scratchFolder();
  const repository = path.join(home, 'repository');
  const folder = path.join(home, 'worktrees');
  const journal = path.join(home, 'journal');
  await makeRepository(repository);
  await gitIn(repository, 'branch', 'target');
  await writeIn(repository, 'a.txt', 'not committed\n');
  await writeIn(repository, 'b.txt', 'staged\n');
  await gitIn(repository, 'add', 'b.txt');
  await writeIn(repository, 'untracked.txt', 'untracked\n');
  const before = await stateOf(repository);
  for (let count = 0; count < kills; count += 1) {
    await killOne({ args: [repository, folder, journal], ms: killAfterMs(), withGit });
  }
  const { signal } = new AbortController();
  await gitWorkspaces({ repository, folder }).prune({ signal });
  const lines = (await readFile(journal, 'utf8')).split('\n').filter((line) => line !== '');
  const kept = new Set(
    (await gitIn(repository, 'log', '--all', '-m', '--name-only', '--format=')).split('\n'),
  );
  const outcome = {
    lines: lines.length,
    lost: lines.filter((line) => !kept.has(line)),
    untouched: (await stateOf(repository)) === before,
    damage: (await gitIn(repository, 'fsck', '--no-dangling', '--no-progress')).trim(),
  };
  await rm(home, { recursive: true, force: true });
  return outcome;
}

interface Victim {
  readonly args: readonly string[];
  readonly ms: number;
  readonly withGit: boolean;
}

async function killOne({ args, ms, withGit }: Victim): Promise<void> {
  const worker = execa(process.execPath, ['--import', 'tsx', WORKER, ...args], {
    detached: true,
    reject: false,
    stdin: 'ignore',
  });
  await once(worker.stdout, 'data');
  await delay(ms);
  if (worker.exitCode !== null) throw new Error(`The worker ended by itself: ${(await worker).stderr}`);
  process.kill(withGit ? -(worker.pid ?? 0) : (worker.pid ?? 0), 'SIGKILL');
  await worker;
}

/** All that belongs to the user: files, index and refs. */
async function stateOf(repository: string): Promise<string> {
  const index = await readFile(path.join(repository, '.git/index'));
  const files = await Promise.all(
    ['a.txt', 'b.txt', 'untracked.txt'].map((file) => readFile(path.join(repository, file), 'utf8')),
  );
  const refs = await gitIn(
    repository,
    'for-each-ref',
    '--format=%(refname) %(objectname)',
    'refs/heads/main',
    'refs/tags',
  );
  const head = await readFile(path.join(repository, '.git/HEAD'), 'utf8');
  return [createHash('sha256').update(index).digest('hex'), ...files, refs, head].join('\n');
}
