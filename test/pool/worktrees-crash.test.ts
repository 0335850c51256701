import { access } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { listWorktrees, pruneWorktrees } from 'claude-pool';
import type { PoolOptions } from 'claude-pool';
import { houseIn } from './house.ts';
import { startLife } from './life.ts';
import type { Life } from './life.ts';
import { openPool } from './lives.ts';
import { bash, site, workOf } from './worktree-stage.ts';
import type { Site } from './worktree-stage.ts';

const PATIENT = bash(
  'work',
  'echo half > half.txt; touch begun; until [ -e go ]; do read -t 0.02 <> <(:) || :; done',
);
const RULES = [bash('You were cut off', 'cat half.txt > seen.txt'), PATIENT];

const CUTS = {
  killed: (life: Life) => life.kill(),
  stopped: async (life: Life) => {
    await life.call('drain', { pending: 'keep', timeoutMs: 0 });
    await life.kill();
  },
};

for (const [workspace, how] of [
  ['slot', 'killed'],
  ['slot', 'stopped'],
  ['task', 'killed'],
  ['task', 'stopped'],
] as const) {
  test(`with \`workspace: ${workspace}\` a task whose pool was ${how} goes on where it was`, async () => {
    const place = await site();
    const options = optionsIn(place, { workspace, slots: 2, stateDir: path.join(place.home, 'state') });
    const life = await startLife(options);
    const id = String(await life.call('submit', 'work'));
    const begun = await folderOf(place, id);
    await CUTS[how](life);

    const pool = await openPool(options);
    const result = await pool.wait(id, { timeoutMs: 20_000 });

    const work = workOf(result);
    expect(work.path).toBe(begun);
    expect(await place.git('show', `${work.preservedRef}:seen.txt`)).toBe('half');
    const { worktrees } = await pool.workspaces.list();
    expect(worktrees.filter(({ status }) => status === 'abandoned')).toEqual([]);
  });
}

test('work in review is merged by the pool that comes after a crash', async () => {
  const place = await site();
  const options = optionsIn(place, { workspace: 'task', slots: 1, stateDir: path.join(place.home, 'state') });
  const life = await startLife(options);
  const id = String(await life.call('submitWithReview', 'short'));
  await life.event(({ type }) => type === 'task.pendingReview');
  // Answers when what has happened is durable.
  await life.call('history');
  await life.kill();
  const pool = await openPool(options);

  await pool.approveResult(id, { merge: 'merge' });

  expect(await place.git('show', 'main:short.txt')).toBe('short');
  await pool.drain();
  expect((await pool.workspaces.list()).worktrees).toEqual([]);
});

test('what a dead pool has left is listed, and pruned without losing a line', async () => {
  const place = await site();
  const { repository, git } = place;
  const life = await startLife(optionsIn(place, { worktree: true, slots: 2, name: 'dead' }));
  const id = String(await life.call('submit', 'work'));
  await folderOf(place, id);
  const alive = await listWorktrees({ repository });
  await life.kill();

  const left = await listWorktrees({ repository });
  const { removed, kept } = await pruneWorktrees({ repository });

  expect(alive.worktrees.map(({ status }) => status)).toEqual(['held', 'held']);
  expect(left.worktrees.map(({ status }) => status)).toEqual(['abandoned', 'abandoned']);
  expect([removed.length, kept.length]).toEqual([2, 0]);
  expect(await git('show', `refs/claude-pool/preserved/${id}/1:half.txt`)).toBe('half');
  expect(await git('branch', '--list', 'claude-pool/*')).toBe('');
});

function optionsIn({ home, options }: Site, more: PoolOptions): PoolOptions {
  const script = { rules: [...RULES, bash('short', 'echo short > short.txt')] };
  const { stateDir: _, ...rest } = houseIn(home, script, options).options;
  return { ...rest, ...more };
}

/** The folder in which the task has begun to work. */
async function folderOf({ repository }: Site, task: string): Promise<string> {
  return vi.waitFor(async () => {
    const { worktrees } = await listWorktrees({ repository });
    const folder = worktrees.find((worktree) => worktree.task === task)?.path ?? '';
    await access(path.join(folder, 'begun'));
    return folder;
  }, 10_000);
}
