import { createPool } from 'claude-pool';
import { expect, test } from 'vitest';
import { journalledPool } from './journalled-pool.ts';
import { gatedDriver, reportOf } from './scripted-driver.ts';

const MODEL = 'claude-haiku-4-5';
const USAGE = { inputTokens: 900, outputTokens: 20 };
/** What one answer with that usage costs. */
const ANSWER_USD = 0.001;
const TEXT = { text: 'done', usage: USAGE };
const BASH = { toolUse: { name: 'Bash', input: { command: 'true' } }, usage: USAGE };
const ONE = { maxBudgetUsd: ANSWER_USD };

test('B9: of 50 submits at once exactly those run that the budget affords, because each attempt reserves first', async () => {
  await using stage = await journalledPool(
    { rules: [], otherwise: [TEXT] },
    { slots: 4, model: MODEL, budgetUsd: 10 * ANSWER_USD },
  );
  const prompts = Array.from({ length: 50 }, (_, index) => `task ${index}`);

  const outcomes = await stage.pool.fanOut(prompts, ONE);

  const ends = outcomes.map((outcome) =>
    outcome.status === 'completed' ? outcome.status : outcome.error.code,
  );
  expect(ends).toEqual([
    ...Array.from({ length: 10 }, () => 'completed'),
    ...Array.from({ length: 40 }, () => 'BUDGET_EXCEEDED'),
  ]);
  expect(await stage.heard()).toHaveLength(10);
  expect(await stage.chargedUsd()).toBeCloseTo(10 * ANSWER_USD, 9);
  expect(stage.pool.status()).toMatchObject({
    spendUsd: 10 * ANSWER_USD,
    reservedUsd: 0,
    remainingUsd: 0,
    completedTasks: 10,
    failedTasks: 40,
  });
});

test('a task for an exhausted pool is rejected at once', async () => {
  await using stage = await journalledPool(
    { rules: [], otherwise: [TEXT] },
    { slots: 1, model: MODEL, budgetUsd: ANSWER_USD },
  );
  await stage.pool.run('the only one');

  const rejections = await Promise.allSettled([
    stage.pool.submit('late'),
    stage.pool.run('late'),
    stage.pool.fanOut(['late']),
    stage.pool.submitWithReview('late'),
  ]);

  expect(rejections).toMatchObject(
    rejections.map(() => ({ status: 'rejected', reason: { code: 'BUDGET_EXCEEDED' } })),
  );
  expect(stage.pool.tasks().map(({ prompt }) => prompt)).toEqual(['the only one']);
  expect(stage.events.filter(({ type }) => type === 'budget.exhausted')).toHaveLength(1);
});

test('B8: a task that passes its cap is stopped in mid-turn and says that it was its budget', async () => {
  await using stage = await journalledPool(
    { rules: [{ when: 'loop', answers: [{ ...BASH, delayMs: 100 }] }] },
    { slots: 1, model: MODEL, permissionMode: 'bypassPermissions' },
  );

  const [outcome] = await stage.pool.fanOut([{ prompt: 'loop', maxBudgetUsd: 2.5 * ANSWER_USD }]);

  expect(outcome).toMatchObject({
    status: 'failed',
    error: { code: 'BUDGET_EXCEEDED', verdict: 'budget', taskId: outcome?.taskId },
  });
  const { spendUsd } = stage.pool.task(outcome?.taskId ?? '');
  expect(spendUsd).toBeGreaterThan(2.5 * ANSWER_USD);
  expect(spendUsd).toBeLessThan(6 * ANSWER_USD);
  expect(stage.pool.status().spendUsd).toBeCloseTo(await stage.chargedUsd(), 9);
});

test('an attempt without a cap of its own is held to `reservationUsd`', async () => {
  await using stage = await journalledPool(
    { rules: [{ when: 'loop', answers: [{ ...BASH, delayMs: 100 }] }] },
    { slots: 1, model: MODEL, permissionMode: 'bypassPermissions', reservationUsd: 1.5 * ANSWER_USD },
  );

  const run = stage.pool.run('loop');

  await expect(run).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED', verdict: 'budget' });
});

test('what is spent, reserved and left can be seen while a task runs and when it has ended', async () => {
  const gate = gatedDriver();
  await using pool = await createPool({ driver: gate.driver, budgetUsd: 1, reservationUsd: 0.25 });

  const id = await pool.submit('work');
  const during = pool.status();
  gate.open('work', reportOf({ spend: 100_000 }));
  await pool.wait(id);

  expect(during).toMatchObject({ spendUsd: 0, reservedUsd: 0.25, remainingUsd: 0.75, budgetUsd: 1 });
  expect(pool.status()).toMatchObject({ spendUsd: 0.1, reservedUsd: 0, remainingUsd: 0.9 });
});

test('a slot that has spent its budget gets no more work, and the pool goes on with the others', async () => {
  const gate = gatedDriver();
  await using pool = await createPool({
    driver: gate.driver,
    retries: 0,
    slots: [{ name: 'poor', budgetUsd: 0.1 }, { name: 'rich' }],
  });
  const poor = { slot: { name: 'poor' } };
  const first = await pool.submit('first', poor);
  const second = await pool.submit('second', poor);

  gate.open('first', reportOf({ spend: 100_000 }));
  await pool.wait(first);

  await expect(pool.wait(second)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
  await expect(pool.run('third', poor)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
  const others = await Promise.all([pool.submit('fourth'), pool.submit('fifth')]);
  gate.open('fourth', reportOf({ spend: 100_000 }));
  gate.open('fifth', reportOf({ spend: 100_000 }));
  const results = await Promise.all(others.map((id) => pool.wait(id)));
  expect(results.map(({ slotId }) => slotId)).toEqual(['slot-1', 'slot-1']);
  expect(pool.status().slots).toMatchObject([
    { name: 'poor', spendUsd: 0.1, budgetUsd: 0.1 },
    { name: 'rich', spendUsd: 0.2 },
  ]);
});

test('an attempt on a slot with a budget is held to what that slot may still spend', async () => {
  const gate = gatedDriver();
  await using pool = await createPool({ driver: gate.driver, slots: [{ budgetUsd: 0.3 }] });

  const id = await pool.submit('work');
  gate.open('work', reportOf({ spend: 100_000 }));
  await pool.wait(id);
  const next = await pool.submit('more');
  gate.open('more', reportOf({ spend: 1 }));
  await pool.wait(next);

  expect(gate.turns.map(({ capMicros }) => capMicros)).toEqual([300_000, 200_000]);
});

test('B10, B11: an attempt that fails keeps its cost, and an error that calls itself a success is a failure', async () => {
  const answers = [{ ...TEXT, stopReason: 'max_tokens' }];
  await using stage = await journalledPool(
    {
      rules: [
        { when: 'cut', answers },
        { when: 'refused', answers: [BASH, { status: 400 }] },
      ],
    },
    { slots: 1, model: MODEL, retries: 0, permissionMode: 'bypassPermissions' },
  );

  const outcomes = await stage.pool.fanOut(['cut', 'refused']);

  const tasks = outcomes.map(({ taskId }) => stage.pool.task(taskId));
  expect(tasks).toMatchObject([
    { state: 'failed', verdict: 'incomplete' },
    { state: 'failed', verdict: 'invalidRequest', spendUsd: ANSWER_USD },
  ]);
  const sum = tasks.reduce((total, { spendUsd }) => total + spendUsd, 0);
  expect(stage.pool.status()).toMatchObject({ failedTasks: 2, completedTasks: 0 });
  expect(stage.pool.status().spendUsd).toBeCloseTo(sum, 9);
  expect(sum).toBeCloseTo(await stage.chargedUsd(), 9);
});

test('an attempt that ends without a figure of its spend is booked with its whole reservation', async () => {
  const gate = gatedDriver();
  await using pool = await createPool({ driver: gate.driver, slots: 1, retries: 0, budgetUsd: 1 });

  const id = await pool.submit('odd', { maxBudgetUsd: 0.4 });
  gate.fail('odd', new Error('a bug'));

  await expect(pool.wait(id)).rejects.toMatchObject({
    verdict: 'incomplete',
    report: { spend: 400_000, spendEstimated: true },
  });
  expect(pool.status()).toMatchObject({ spendUsd: 0.4, estimatedUsd: 0.4, reservedUsd: 0 });
});

test('an attempt that is cancelled in mid-turn keeps what it has spent', async () => {
  await using stage = await journalledPool(
    { rules: [{ when: 'long', answers: [BASH, { silence: true }] }] },
    { slots: 1, model: MODEL, permissionMode: 'bypassPermissions', budgetUsd: 1 },
  );
  const id = await stage.pool.submit('long');
  await expect.poll(() => stage.chargedUsd(), { timeout: 10_000 }).toBeGreaterThan(0);

  const info = await stage.pool.cancel(id);

  expect(info).toMatchObject({ state: 'cancelled', spendUsd: ANSWER_USD });
  expect(stage.pool.status()).toMatchObject({ spendUsd: ANSWER_USD, reservedUsd: 0 });
});

test('an attempt whose process dies in mid-answer is booked with what was seen, as an estimate', async () => {
  await using stage = await journalledPool(
    { rules: [{ when: 'die', answers: [{ crash: 'midStream' }] }] },
    { slots: 1, model: MODEL, retries: 0, budgetUsd: 1 },
  );

  const [outcome] = await stage.pool.fanOut(['die']);

  const { spendUsd } = stage.pool.task(outcome?.taskId ?? '');
  expect(spendUsd).toBeGreaterThan(0);
  expect(spendUsd).toBeLessThan(ANSWER_USD);
  expect(stage.pool.status()).toMatchObject({ spendUsd, estimatedUsd: spendUsd, reservedUsd: 0 });
});

test('an attempt whose process dies with nothing seen is booked with its whole reservation, as an estimate', async () => {
  await using stage = await journalledPool(
    { rules: [{ when: 'die', answers: [{ crash: 'beforeResult' }] }] },
    { slots: 1, model: MODEL, retries: 0, budgetUsd: 1 },
  );

  const [outcome] = await stage.pool.fanOut([{ prompt: 'die', maxBudgetUsd: 0.25 }]);

  expect(stage.pool.task(outcome?.taskId ?? '')).toMatchObject({ verdict: 'crashed', spendUsd: 0.25 });
  expect(outcome).toMatchObject({ error: { report: { spend: 250_000, spendEstimated: true } } });
  expect(stage.pool.status()).toMatchObject({ spendUsd: 0.25, estimatedUsd: 0.25, reservedUsd: 0 });
});
