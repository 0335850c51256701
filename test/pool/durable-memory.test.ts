import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createPool } from 'claude-pool';
import type { Pool, PoolOptions } from 'claude-pool';
import Database from 'libsql';
import { directoryOf } from '../../src/directory-of.ts';
import { instantDriver } from '../bench/instant-driver.ts';
import { deferred } from '../../src/deferred.ts';

test('who waits leaves memory once he is kept, and runs in his turn all the same', async () => {
  const { pool, open } = await gatedPool();
  const ids = await Promise.all([1, 3, 2].map((priority) => pool.submit(`work ${priority}`, { priority })));

  const inMemory = [...directoryOf(pool.actor).entries.keys()];
  const [first, second, third] = ids.map((id) => pool.task(id));
  const started: string[] = [];
  pool.on('task.running', ({ taskId }) => void started.push(taskId));
  open();
  await Promise.all(ids.map((id) => pool.wait(id)));

  expect(inMemory).toEqual([expect.not.stringMatching(ids.join('|'))]);
  expect([first, second, third]).toMatchObject([
    { state: 'pending', wait: 'ready', prompt: 'work 1' },
    { state: 'pending', prompt: 'work 3' },
    { state: 'pending', prompt: 'work 2' },
  ]);
  expect(started).toEqual([ids[1], ids[2], ids[0]]);
});

test('tasks are listed as they are now, whether they are in memory, kept, or neither yet', async () => {
  const { pool, open } = await gatedPool();
  const kept = await pool.submit('kept', { tags: ['red'] });
  const urgent = await pool.submit('urgent', { tags: ['red'], priority: 1 });
  await pool.cancel(await pool.submit('cancelled', { tags: ['red'] }));

  void pool.submit('not kept yet', { tags: ['red'], priority: 2 });
  void pool.cancel(kept);
  const prompts = pool.tasks({ tag: 'red' }).map(({ prompt, state }) => [prompt, state]);
  const two = pool.tasks({ tag: 'red', limit: 2 }).map(({ prompt }) => prompt);
  const pending = pool.tasks({ tag: 'red', state: 'pending' }).map(({ prompt }) => prompt);
  open();
  await pool.wait(urgent);

  expect(prompts).toEqual([
    ['not kept yet', 'pending'],
    ['urgent', 'pending'],
    ['kept', 'cancelled'],
    ['cancelled', 'cancelled'],
  ]);
  expect(two).toEqual(['not kept yet', 'urgent']);
  expect(pending).toEqual(['not kept yet', 'urgent']);
});

test('tasks of earlier lives are known, by their ids and in lists', async () => {
  const first = await gatedPool();
  first.open();
  const { taskId } = await first.pool.run('of the first life', { tags: ['old'] });
  await first.pool.drain();

  const { pool } = await gatedPool({ stateDir: first.stateDir });

  expect(pool.task(taskId)).toMatchObject({ state: 'completed', result: { output: 'done' } });
  expect(pool.tasks({ tag: 'old' })).toEqual([pool.task(taskId)]);
  expect(pool.tasks({ slot: 'slot-0', state: 'completed' }).map(({ id }) => id)).toContain(taskId);
});

test('a record that is torn while its task waits fails who waits for it, and nobody else', async () => {
  const { pool, open, stateDir } = await gatedPool();
  const torn = await pool.submit('torn');
  const whole = await pool.submit('whole');
  const end = pool.wait(torn).catch((error: unknown) => error);

  tear(stateDir, torn);
  open();

  expect(await pool.wait(whole)).toMatchObject({ output: 'done' });
  expect(await end).toMatchObject({ code: 'STORE', taskId: torn });
  expect(pool.status()).toMatchObject({ pendingTasks: 0, completedTasks: 2 });
});

test.each(['cancelled', 'failed'] as const)(
  'a chain whose task is torn while it waits ends all the same: %s',
  async (end) => {
    const { pool, open, stateDir } = await gatedPool();
    const id = await pool.submitChain([{ name: 'a', prompt: 'torn' }]);
    const [torn] = pool.tasks({ state: 'pending' });

    tear(stateDir, torn?.id ?? '');
    const cancelled = end === 'cancelled' ? pool.cancelChain(id) : undefined;
    open();

    expect(await (cancelled ?? pool.waitChain(id))).toMatchObject({ id, state: end });
  },
);

interface GatedPool {
  readonly pool: Pool;
  readonly stateDir: string;
  /** Lets Claude answer; until then the one slot is busy. */
  readonly open: () => void;
}

/** What a bad block leaves of a task's record. */
function tear(stateDir: string, taskId: string): void {
  const database = new Database(path.join(stateDir, 'pool.db'));
  database.prepare('UPDATE tasks SET data = ? WHERE id = ?').run(['{"state"', taskId]);
  database.close();
}

/** A pool whose one slot is busy until its gate opens, and in which no idle task stays live. */
async function gatedPool(options: PoolOptions = {}): Promise<GatedPool> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pool-memory-'));
  const gate = deferred<void>();
  const { stateDir = path.join(folder, 'state') } = options;
  const pool = await createPool({ slots: 1, driver: instantDriver(gate.promise), liveTasks: 0, stateDir });
  onTestFinished(async () => {
    gate.resolve();
    await pool.drain({ timeoutMs: 0 });
    await rm(folder, { recursive: true, force: true });
  });
  await pool.submit('first');
  return { pool, stateDir, open: () => gate.resolve() };
}
