import { expect, test } from 'vitest';
import { EMPTY, fakeWitness, HANG } from './witness.ts';

const CLOSED = { code: 'POOL_CLOSED' };

test('a drain sums up how everything ended, and says the same again', async () => {
  await using stage = await fakeWitness(
    {
      rules: [
        { when: 'bad', answers: [{ status: 400 }] },
        { when: 'slow', answers: [{ text: 'done', delayMs: 100 }] },
      ],
    },
    { slots: 1 },
  );
  const { pool } = stage;
  await pool.fanOut(['good', 'bad']);
  const review = await pool.submitWithReview('please look');
  await stage.event(({ type }) => type === 'task.pendingReview');
  await pool.submit('slow');
  await pool.submit('never');

  const first = await pool.drain();
  const second = await pool.drain({ timeoutMs: 1 });

  const { spendUsd } = pool.metrics();
  expect(first).toEqual({
    totalTasks: 5,
    completedTasks: 2,
    errorCount: 1,
    cancelledTasks: 1,
    pendingReview: 1,
    keptTasks: 0,
    totalSpendUsd: spendUsd,
  });
  expect(second).toEqual(first);
  expect(pool.task(review).state).toBe('pendingReview');
  expect(await stage.processes()).toEqual([]);
});

test('a pool that drains takes nothing more, and still shows what it knows', async () => {
  await using stage = await fakeWitness({ rules: [HANG] }, { slots: [{ name: 'ada' }] });
  const { pool } = stage;
  pool.contextSet('branch', 'main');
  const id = await pool.submit('hang');
  await stage.event(({ type }) => type === 'slot.busy');

  const drained = pool.drain();

  for (const refused of [pool.submit('x'), pool.run('x'), pool.fanOut(['x']), pool.submitWithReview('x')]) {
    await expect(refused).rejects.toMatchObject(CLOSED);
  }
  const refusal = expect.objectContaining(CLOSED);
  expect(() => pool.contextSet('branch', 'next')).toThrow(refusal);
  expect(() => pool.contextDelete('branch')).toThrow(refusal);
  expect(() => pool.configureSlot('slot-0', { name: 'grace' })).toThrow(refusal);
  expect(() => pool.sendMessage('you', 'slot-0', 'Hello.')).toThrow(refusal);
  expect(() => pool.broadcastMessage('you', 'Hello.')).toThrow(refusal);
  expect(() => pool.scaleUp(1)).toThrow(refusal);
  expect(() => pool.scaleDown(1)).toThrow(refusal);
  expect(() => pool.setTargetSlots(1)).toThrow(refusal);
  expect(pool.contextGet('branch')).toBe('main');
  expect(pool.findSlots({ name: 'ada' })).toMatchObject([{ state: 'busy' }]);
  expect(pool.status()).toMatchObject({ state: 'draining', activeTasks: 1 });
  await pool.cancel(id);
  expect(await drained).toMatchObject({ cancelledTasks: 1 });
});

test('a review can be approved while the pool drains; one that is rejected waits on, as no work is taken', async () => {
  await using stage = await fakeWitness({ rules: [HANG] }, { slots: 3 });
  const { pool } = stage;
  const good = await pool.submitWithReview('good');
  const poor = await pool.submitWithReview('poor');
  await stage.event((event) => event.type === 'task.pendingReview' && event.taskId === good);
  await stage.event((event) => event.type === 'task.pendingReview' && event.taskId === poor);
  const id = await pool.submit('hang');
  const drained = pool.drain();

  const approved = await pool.approveResult(good);
  await expect(pool.rejectResult(poor, 'Again.')).rejects.toMatchObject(CLOSED);
  await pool.cancel(id);

  expect([approved.output, pool.task(poor).state]).toEqual(['echo: good', 'pendingReview']);
  expect(await drained).toMatchObject({ completedTasks: 1, cancelledTasks: 1, pendingReview: 1 });
});

test('after the drain nothing is waited for: a review has no answer any more', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const { pool } = stage;
  const id = await pool.submitWithReview('please look');
  await stage.event(({ type }) => type === 'task.pendingReview');
  const early = pool.wait(id);
  await Promise.all([pool.drain(), expect(early).rejects.toMatchObject(CLOSED)]);

  for (const late of [
    pool.wait(id),
    pool.cancel(id),
    pool.approveResult(id),
    pool.rejectResult(id, 'No.'),
    pool.submit('x'),
  ]) {
    await expect(late).rejects.toMatchObject(CLOSED);
  }
  expect(await pool.result(id)).toBeUndefined();
  const events = [];
  for await (const event of pool.events()) events.push(event);
  const pieces = [];
  for await (const piece of pool.output(id)) pieces.push(piece);
  expect([events, pieces]).toEqual([[], ['echo: please look']]);
});

test('as many tasks that have ended are kept as keepFinished says, the latest ones', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1, keepFinished: 2 });
  const { pool } = stage;
  const ids: string[] = [];
  for (const prompt of ['one', 'two', 'three']) ids.push((await pool.run(prompt)).taskId);

  const summary = await pool.drain();

  expect(pool.tasks().map(({ prompt }) => prompt)).toEqual(['two', 'three']);
  expect(() => pool.task(ids[0] ?? '')).toThrow(expect.objectContaining({ code: 'TASK_NOT_FOUND' }));
  expect(summary).toMatchObject({ totalTasks: 3, completedTasks: 3 });
  expect(pool.metrics().tasks.completed).toBe(3);
});
