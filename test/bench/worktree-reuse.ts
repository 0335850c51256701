import { rm } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { gitWorkspaces } from '../../src/workspaces/git-workspaces.ts';
import type { Workspace, Workspaces } from '../../src/workspaces/port.ts';
import { commitAll, gitIn, makeRepository, scratchFolder, writeIn } from '../contracts/workspaces-stage.ts';

const FILES_PER_FOLDER = 10;
const DIRTY = 20;
const CONTENT = 'x'.repeat(2000);

export interface Reuse {
  readonly files: number;
  /** Milliseconds, medians. */
  readonly reset: number;
  readonly removeAndAcquire: number;
  readonly gitAddAndRemove: number;
}

/** A worktree that 20 files were changed in: reset, against removed and made anew, by us and by git alone; in turns. */
export async function measureReuse(files: number, rounds: number): Promise<Reuse> {
  const home = await scratchFolder();
  const repository = path.join(home, 'repository');
  await makeRepository(repository);
  for (let file = 0; file < files; file += 1) {
    await writeIn(repository, `${Math.floor(file / FILES_PER_FOLDER)}/${file}.txt`, `${file}${CONTENT}`);
  }
  await commitAll(repository, 'files');
  const workspaces = gitWorkspaces({ repository, folder: path.join(home, 'worktrees') });
  const { signal } = new AbortController();
  let reused = await workspaces.acquire({ id: 'reused', task: 'start', signal });
  let renewed = await workspaces.acquire({ id: 'renewed', task: 'start', signal });
  const resets: number[] = [];
  const renewals: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await dirty(reused, round);
    await dirty(renewed, round);
    resets.push(
      await timed(async () => {
        reused = await workspaces.reset(reused, { task: `reset-${round}`, signal });
      }),
    );
    renewals.push(
      await timed(async () => {
        renewed = await renew(workspaces, renewed, round);
      }),
    );
    bare.push(
      await timed(async () => {
        const folder = path.join(home, 'bare');
        await gitIn(repository, 'worktree', 'add', '--quiet', '-b', `bare-${round}`, folder);
        await gitIn(repository, 'worktree', 'remove', folder);
      }),
    );
  }
  await rm(home, { recursive: true, force: true });
  return { files, reset: median(resets), removeAndAcquire: median(renewals), gitAddAndRemove: median(bare) };
}

async function renew(workspaces: Workspaces, workspace: Workspace, round: number): Promise<Workspace> {
  const { signal } = new AbortController();
  await workspaces.remove(workspace, { signal });
  return workspaces.acquire({ id: workspace.id, task: `renewed-${round}`, signal });
}

async function dirty({ path: folder }: Workspace, round: number): Promise<void> {
  for (let file = 0; file < DIRTY; file += 1)
    await writeIn(folder, `${file}/${file * FILES_PER_FOLDER}.txt`, `${round}`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0);
}
