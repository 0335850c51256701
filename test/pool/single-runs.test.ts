import { createPool } from 'claude-pool';
import { expect, test } from 'vitest';
import { journalledPool } from './journalled-pool.ts';
import { gatedDriver } from './scripted-driver.ts';

const BAD = { when: 'bad', answers: [{ status: 400 }] } as const;

test('B1: a task that fails is not left running, and the drain ends', async () => {
  await using stage = await journalledPool({ rules: [BAD] }, { slots: 1 });
  const { pool } = stage;

  const run = pool.run('bad');

  await expect(run).rejects.toMatchObject({ code: 'TASK_FAILED', verdict: 'invalidRequest' });
  expect(pool.tasks().map(({ state }) => state)).toEqual(['failed']);
  expect(pool.status()).toMatchObject({ activeTasks: 0, pendingTasks: 0, failedTasks: 1 });
  expect(await pool.drain()).toMatchObject({ totalTasks: 1, errorCount: 1 });
});

test('B4: no task runs twice: with many slots and many tasks each prompt reaches Claude once', async () => {
  await using stage = await journalledPool({ rules: [] }, { slots: 4 });
  const prompts = Array.from({ length: 100 }, (_, index) => `task number ${index};`);

  const outcomes = await stage.pool.fanOut(prompts);

  const heard = (await stage.heard()).map(({ prompt }) => prompt);
  expect(heard.toSorted()).toEqual(prompts.toSorted());
  expect(outcomes.map((outcome) => outcome.status === 'completed' && outcome.result.output)).toEqual(
    prompts.map((prompt) => `echo: ${prompt}`),
  );
  expect(new Set((await stage.heard()).map(({ pid }) => pid)).size).toBe(4);
});

test('B7: with `session: fresh` tasks share nothing, and only with `resume` they share a conversation', async () => {
  await using fresh = await journalledPool({ rules: [] }, { slots: 1, session: 'fresh' });
  await using resumed = await journalledPool({ rules: [] }, { slots: 1, session: 'resume' });

  for (const prompt of ['one', 'two', 'three']) {
    await fresh.pool.run(prompt);
    await resumed.pool.run(prompt);
  }

  expect((await fresh.heard()).map(({ remembered }) => remembered)).toEqual([[], [], []]);
  expect(new Set((await fresh.heard()).map(({ sessionId }) => sessionId)).size).toBe(3);
  expect((await resumed.heard()).map(({ remembered }) => remembered)).toEqual([[], ['one'], ['one', 'two']]);
});

test('a task can ask to start clean in a pool that resumes, and to resume in a pool that starts clean', async () => {
  await using stage = await journalledPool({ rules: [] }, { slots: 1 });

  await stage.pool.run('one');
  await stage.pool.run('two', { session: 'fresh' });
  await stage.pool.run('three');

  expect((await stage.heard()).map(({ remembered }) => remembered)).toEqual([[], [], ['two']]);
});

test('B19: the ids of 10,000 tasks that are submitted at once differ, and none replaces another', async () => {
  const gate = gatedDriver();
  await using pool = await createPool({ driver: gate.driver });

  const ids = await Promise.all(Array.from({ length: 10_000 }, (_, index) => pool.submit(`task ${index}`)));

  const tasks = pool.tasks({ limit: 20_000 });
  expect(new Set(ids).size).toBe(10_000);
  expect(tasks.map(({ id }) => id)).toEqual(ids);
  expect(pool.status()).toMatchObject({ activeTasks: 2, pendingTasks: 9_998 });
});

test('B20: a fan-out keeps every result that was paid for, though others fail or are cancelled', async () => {
  await using stage = await journalledPool({ rules: [BAD] }, { slots: 2, model: 'claude-haiku-4-5' });
  const { pool } = stage;
  const cancelled = pool.on('task.submitted', ({ taskId }) => {
    if (pool.task(taskId).prompt === 'unwanted') queueMicrotask(() => void pool.cancel(taskId));
  });

  const outcomes = await pool.fanOut(['bad', 'one', 'bad too', 'unwanted', 'two']);
  cancelled();

  expect(outcomes).toMatchObject([
    { status: 'failed', error: { code: 'TASK_FAILED' } },
    { status: 'completed', result: { output: 'echo: one' } },
    { status: 'failed', error: { code: 'TASK_FAILED' } },
    { status: 'cancelled', error: { code: 'CANCELLED' } },
    { status: 'completed', result: { output: 'echo: two' } },
  ]);
  const paid = outcomes.map((outcome) => (outcome.status === 'completed' ? outcome.result.spendUsd : 0));
  expect(paid.filter((usd) => usd > 0)).toHaveLength(2);
  expect(pool.status().spendUsd).toBeCloseTo(await stage.chargedUsd(), 9);
});
