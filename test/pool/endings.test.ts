import { createPool } from 'claude-pool';
import { expect, test } from 'vitest';
import { journalledPool } from './journalled-pool.ts';
import { gatedDriver, reportOf } from './scripted-driver.ts';
import { eventOf, fakePool } from './stage.ts';

const HANG = { when: 'hang', answers: [{ silence: true }] } as const;
const WEDGED = { when: 'wedged', answers: [{ hang: 'beforeResult' }] } as const;
const LATE_HANG = { when: 'last words', answers: [{ hang: 'afterResult' }] } as const;
/** A fake that hangs never answers: what is waited for is only that. */
const IMPATIENT = { controlTimeoutMs: 800, interruptTimeoutMs: 500, closeTimeoutMs: 300 };

test('an attempt that passes its time limit is interrupted and tried again, and its slot goes on', async () => {
  await using stage = await journalledPool(
    { rules: [{ ...HANG, times: 1 }] },
    { slots: 1, taskTimeoutMs: 300, retries: 1 },
  );

  const result = await stage.pool.run('hang');

  expect(result).toMatchObject({ output: 'echo: hang', attempts: 2 });
  const waits = stage.events.filter(({ type }) => type === 'task.backingOff');
  expect(waits).toMatchObject([{ verdict: 'hung', reason: 'The attempt passed its time limit.' }]);
  expect(new Set((await stage.heard()).map(({ pid }) => pid)).size).toBe(1);
});

test('a process that falls silent and answers no ping is killed, and another serves the slot', async () => {
  await using stage = await journalledPool(
    { rules: [WEDGED] },
    { slots: 1, idleTimeoutMs: 200, retries: 0, claude: IMPATIENT },
  );
  const { pool } = stage;

  const run = pool.run('wedged');

  await expect(run).rejects.toMatchObject({ code: 'TASK_FAILED', verdict: 'hung' });
  expect(await pool.run('next')).toMatchObject({ output: 'echo: next' });
  expect(new Set((await stage.heard()).map(({ pid }) => pid)).size).toBe(2);
});

test('a process that is silent for long but answers the ping is waited for', async () => {
  await using stage = await journalledPool(
    { rules: [{ when: 'think', answers: [{ text: 'thought', delayMs: 900 }] }] },
    { slots: 1, idleTimeoutMs: 150, retries: 0 },
  );

  const result = await stage.pool.run('think');

  expect(result).toMatchObject({ output: 'thought', verdict: 'succeeded', attempts: 1 });
});

test('a result that was seen counts, though the process hangs afterwards, and the next task is served', async () => {
  await using stage = await journalledPool(
    { rules: [LATE_HANG] },
    { slots: 1, idleTimeoutMs: 200, retries: 2, claude: IMPATIENT },
  );
  const { pool } = stage;

  const [first] = await pool.fanOut(['last words']);
  const next = await pool.run('next');

  expect(first).toMatchObject({ status: 'completed', result: { verdict: 'succeeded', attempts: 1 } });
  expect(next.output).toBe('echo: next');
});

test('a task that finds no slot in time fails, and the running one does not notice', async () => {
  const gate = gatedDriver();
  await using pool = await createPool({ driver: gate.driver, slots: 1, slotWaitMs: 50 });
  const running = await pool.submit('work');

  const late = pool.run('too late');

  await expect(late).rejects.toMatchObject({ code: 'NO_SLOTS_AVAILABLE' });
  gate.open('work');
  expect((await pool.wait(running)).output).toBe('done');
  expect(gate.turns.map(({ prompt }) => prompt)).toEqual(['work']);
});

test('a drain with a time limit ends also processes that hear nothing any more', async () => {
  await using stage = await fakePool({ rules: [WEDGED] }, { slots: 2, retries: 0 });
  const { pool } = stage;
  const id = await pool.submit('wedged');
  await eventOf(stage, ({ type }) => type === 'slot.busy');

  const summary = await pool.drain({ timeoutMs: 100 });

  expect(summary).toMatchObject({ totalTasks: 1, cancelledTasks: 1 });
  expect(pool.task(id)).toMatchObject({ state: 'cancelled', error: { code: 'POOL_CLOSED' } });
  expect(await stage.processes()).toEqual([]);
});

test('a pool that meets a usage limit says why and until when, and starts nothing', async () => {
  const gate = gatedDriver();
  const resetsAt = Date.now() + 3_600_000;
  await using pool = await createPool({ driver: gate.driver, slots: 1, budgetUsd: 1 });
  const told = new Promise((resolve) => {
    pool.on('limit.parked', resolve);
  });

  const id = await pool.submit('work');
  gate.open('work', reportOf({ evidence: { interruption: 'rateLimited', resetsAt }, spend: 0 }));
  const event = await told;
  const next = await pool.submit('next');

  expect(event).toMatchObject({ type: 'limit.parked', until: resetsAt });
  expect(pool.status()).toMatchObject({
    reservedUsd: 0,
    activeTasks: 0,
    pendingTasks: 2,
    limit: {
      state: 'parked',
      cause: 'rateLimited',
      until: resetsAt,
      reason: 'The API answered with a usage limit.',
    },
  });
  expect(pool.task(id)).toMatchObject({ state: 'pending', wait: 'parked', until: resetsAt, attempts: 0 });
  expect(pool.task(next)).toMatchObject({ state: 'pending', wait: 'ready' });
  expect(gate.turns).toHaveLength(1);
});

test('tasks that fail alike in a row park the pool, which says so', async () => {
  const gate = gatedDriver();
  await using pool = await createPool({ driver: gate.driver, slots: 1, breakAfter: 2, retries: 0 });
  const crashed = reportOf({ evidence: { exit: { code: 1 } } });
  gate.open('one', crashed);
  gate.open('two', crashed);

  const outcomes = await pool.fanOut(['one', 'two']);
  await pool.submit('three');

  expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'failed']);
  expect(pool.status().limit).toMatchObject({
    state: 'parked',
    cause: 'breaker',
    reason: expect.stringContaining('The last 2 tasks ended alike.'),
  });
  expect(gate.turns).toHaveLength(2);
});
