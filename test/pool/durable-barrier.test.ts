import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import { createPool } from 'claude-pool';
import type { ClaudeDriver, Pool } from 'claude-pool';
import { instantDriver } from '../bench/instant-driver.ts';

test('no prompt leaves before its attempt is on the disk, with where it goes', async () => {
  const left: unknown[] = [];
  const { pool, taskOf } = await keptPool((prompt, taskId) => {
    const { state, trace, context } = taskOf(taskId);
    left.push([prompt, state, trace.prompt, trace.generation - context.generation]);
  });

  await Promise.all(['one', 'two', 'three'].map((prompt) => pool.run(prompt)));
  const id = await pool.submitWithReview('four');
  await inReview(pool, id);
  await pool.rejectResult(id, 'again');
  await inReview(pool, id);
  await pool.approveResult(id);

  const again = expect.stringContaining('again');
  expect(left).toEqual([
    ...['one', 'two', 'three', 'four'].map((prompt) => [prompt, 'running', prompt, 0]),
    [again, 'running', again, 0],
  ]);
});

test('no call resolves before what it tells is on the disk', async () => {
  const { pool, taskOf, chainOf } = await keptPool();
  const submitted = await pool.submit('one').then((id) => taskOf(id).context.prompt);
  const ran = await pool.run('two').then(({ taskId }) => taskOf(taskId).state);
  const id = await pool.submitWithReview('three');
  const reviewed = taskOf(id).context.options.review;
  await inReview(pool, id);
  const rejected = await pool.rejectResult(id, 'again').then(() => taskOf(id).context.feedback);
  await inReview(pool, id);
  const approved = await pool.approveResult(id).then(() => taskOf(id).state);
  const other = await pool.submitWithReview('four');
  await inReview(pool, other);
  const cancelled = await pool.cancel(other).then(() => taskOf(other).state);
  const steps = [{ name: 'a', prompt: 'a' }];
  const chained = await pool.submitChain(steps).then((chainId) => chainOf(chainId).view.context.id);
  const chain = await pool.runChain(steps);
  const chainEnd = chainOf(chain.id).view.state;

  expect([submitted, ran, reviewed]).toEqual(['one', 'completed', { maxRejections: 3 }]);
  expect([rejected, approved, cancelled]).toEqual([['again'], 'completed', 'cancelled']);
  expect([chained, chainEnd]).toEqual([expect.stringMatching(/^chain-/), 'completed']);
});

test('a drain resolves when all that it ended is on the disk', async () => {
  const { pool, taskOf } = await keptPool();
  const ids = await Promise.all(['one', 'two', 'three'].map((prompt) => pool.submit(prompt)));

  const { totalTasks } = await pool.drain();

  expect(totalTasks).toBe(3);
  expect(ids.map((id) => taskOf(id).context.endedAt)).toEqual(ids.map(() => expect.any(Number)));
});

/** A pool whose Claude answers at once, and what another connection reads of its store. */
async function keptPool(onPrompt: (prompt: string, taskId: string) => void = () => undefined) {
  const folder = await mkdtemp(path.join(tmpdir(), 'pool-barrier-'));
  const stateDir = path.join(folder, 'state');
  const pool = await createPool({ slots: 1, stateDir, driver: watched(onPrompt) });
  const reader = new Database(path.join(stateDir, 'pool.db'));
  onTestFinished(async () => {
    await pool.drain({ timeoutMs: 0 });
    reader.close();
    await rm(folder, { recursive: true, force: true });
  });
  const recordIn = (table: string, id: string) =>
    JSON.parse(Object(reader.prepare(`SELECT data FROM ${table} WHERE id = ?`).get([id])).data ?? '{}');
  return {
    pool,
    taskOf: (id: string) => recordIn('tasks', id),
    chainOf: (id: string) => recordIn('chains', id),
  };
}

function watched(onPrompt: (prompt: string, taskId: string) => void): ClaudeDriver {
  const driver = instantDriver();
  return {
    async open(...call) {
      const session = await driver.open(...call);
      return {
        ...session,
        run(turn, hooks) {
          onPrompt(turn.prompt, turn.attempt?.taskId ?? '');
          return session.run(turn, hooks);
        },
      };
    },
  };
}

async function inReview(pool: Pool, taskId: string): Promise<void> {
  if (pool.task(taskId).state === 'pendingReview') return;
  await new Promise<void>((resolve) => {
    const off = pool.on('task.pendingReview', (event) => {
      if (event.taskId !== taskId) return;
      off();
      resolve();
    });
  });
}
