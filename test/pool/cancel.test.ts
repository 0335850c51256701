import { createPool } from 'claude-pool';
import { expect, test } from 'vitest';
import { journalledPool } from './journalled-pool.ts';
import { gatedDriver, reportOf } from './scripted-driver.ts';
import { eventOf, fakePool } from './stage.ts';

const HANG = { when: 'hang', answers: [{ silence: true }] } as const;
const DEAF = { when: 'deaf', answers: [{ grandchild: true }, { hang: 'beforeResult' }] } as const;
const ENDS = /^task\.(completed|failed|cancelled)$/;

test('B3: cancelling a running task ends the work of its process, and the slot serves the next task', async () => {
  await using stage = await journalledPool({ rules: [HANG] }, { slots: 1 });
  const { pool } = stage;
  const id = await pool.submit('hang');
  await eventOf(stage, ({ type }) => type === 'slot.busy');
  await expect.poll(async () => (await stage.heard()).length, { timeout: 10_000 }).toBe(1);

  const info = await pool.cancel(id);
  const next = await pool.run('next');

  expect(info).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } });
  expect(next).toMatchObject({ output: 'echo: next', slotId: 'slot-0' });
  const heard = await stage.heard();
  expect(heard.map(({ prompt, remembered }) => [prompt, remembered])).toEqual([
    ['hang', []],
    ['next', []],
  ]);
});

test('B3: a process that does not hear the cancellation is killed with all it has started', async () => {
  await using stage = await fakePool({ rules: [DEAF] }, { slots: 1, retries: 0 });
  const { pool } = stage;
  const warm = await stage.processes();
  const id = await pool.submit('deaf');
  await expect
    .poll(async () => (await stage.processes()).length, { timeout: 10_000 })
    .toBeGreaterThan(warm.length);

  const info = await pool.cancel(id);
  const next = await pool.run('next');

  expect(info.state).toBe('cancelled');
  expect(next.output).toBe('echo: next');
  const left = await stage.processes();
  expect(left).toHaveLength(warm.length);
  expect(left.filter((pid) => warm.includes(pid))).toEqual([]);
});

test('a task that is cancelled while its slot gets a new process never reaches Claude', async () => {
  await using stage = await journalledPool({ rules: [] }, { slots: 1 });
  const { pool } = stage;

  const id = await pool.submit('never', { appendSystemPrompt: 'Be brief.' });
  await eventOf(stage, ({ type }) => type === 'slot.recycling');
  const info = await pool.cancel(id);
  const next = await pool.run('next');

  expect(info).toMatchObject({ state: 'cancelled', spendUsd: 0 });
  expect(next.output).toBe('echo: next');
  expect((await stage.heard()).map(({ prompt }) => prompt)).toEqual(['next']);
});

test('a task that waits for a slot that still starts can be cancelled', async () => {
  const slow = gatedDriver({ opens: 1 });
  await using pool = await createPool({ driver: slow.driver, slots: 2 });
  const id = await pool.submit('never', { slot: { id: 'slot-1' } });

  const info = await pool.cancel(id);

  expect(pool.findSlots().map(({ state }) => state)).toEqual(['idle', 'starting']);
  expect(info).toMatchObject({ state: 'cancelled', attempts: 0 });
  expect(slow.turns).toEqual([]);
});

test('B2: a cancelled task stays cancelled, whatever its process says later', async () => {
  const gate = gatedDriver();
  await using pool = await createPool({ driver: gate.driver, slots: 1 });
  const id = await pool.submit('work');

  const info = await pool.cancel(id);
  gate.open('work', reportOf());
  gate.open('next', reportOf());
  await pool.run('next');

  expect(info.state).toBe('cancelled');
  expect(pool.task(id)).toEqual(info);
  expect(pool.task(id)).toMatchObject({ slotId: 'slot-0', startedAt: expect.any(Number) });
});

test('a cancel that races with the answer leaves one end, and one event that tells it', async () => {
  await using stage = await journalledPool(
    { rules: [{ when: 'race', answers: [{ text: 'done', delayMs: 10 }] }] },
    { slots: 4 },
  );
  const { pool } = stage;
  const ids = await Promise.all(Array.from({ length: 40 }, (_, index) => pool.submit(`race ${index}`)));

  const cancelSome = ids.filter((_, index) => index % 2 === 0).map((id) => lateCancel(stage, id));
  await Promise.all(cancelSome);
  await Promise.allSettled(ids.map((id) => pool.wait(id)));

  const ends = stage.events.filter(({ type }) => ENDS.test(type));
  const told = ends.map((event) => ('taskId' in event ? [event.taskId, event.type] : []));
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(ids.map((id) => [id, `task.${pool.task(id).state}`])),
  );
  expect(told).toHaveLength(ids.length);
  expect(pool.status()).toMatchObject({ activeTasks: 0, pendingTasks: 0, reservedUsd: 0 });
  expect(pool.status().spendUsd).toBeCloseTo(sumOf(ids.map((id) => pool.task(id).spendUsd)), 9);
});

type Stage = Awaited<ReturnType<typeof journalledPool>>;

/** Cancels a task as soon as it runs. */
async function lateCancel(stage: Stage, id: string): Promise<void> {
  await eventOf(stage, (event) => event.type === 'task.running' && event.taskId === id);
  await stage.pool.cancel(id);
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
