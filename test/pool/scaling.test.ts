import { expect, test } from 'vitest';
import type { Autoscale } from '../../machines/floor.ts';
import type { PoolOptions } from '../../src/api.ts';
import { createPool } from '../../src/pool.ts';
import { poolStage } from '../machines/pool-stage.ts';
import { EMPTY, fakeWitness, HANG, idleSlots } from './witness.ts';

const AUTOSCALE: Autoscale = { min: 1, max: 4, idleMs: 60_000 };

test('more slots run more tasks, and their ids come again', async () => {
  await using stage = await fakeWitness({ rules: [HANG] }, { slots: 1 });
  const { pool } = stage;
  const first = await pool.submit('hang');
  const second = await pool.submit('hang');
  const before = pool.task(second).state;

  const grown = pool.scaleUp(1);
  await stage.event((event) => event.type === 'slot.busy' && event.slotId === 'slot-1');
  const running = [first, second].map((id) => pool.task(id).slotId);
  await pool.cancel(second);
  const shrunk = pool.scaleDown(1);
  await stage.event(({ type }) => type === 'slot.stopped');
  pool.setTargetSlots(2);
  const { seq } = stage.events.at(-1) ?? { seq: 0 };
  const again = await stage.event((event) => event.type === 'slot.idle' && event.seq > seq);

  expect([before, grown, running, shrunk]).toEqual(['pending', 2, ['slot-0', 'slot-1'], 1]);
  expect(again).toMatchObject({ slotId: 'slot-1' });
});

test('slots are scaled within minSlots and maxSlots only', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 2, minSlots: 2, maxSlots: 3 });
  const { pool } = stage;

  expect(() => pool.scaleUp(2)).toThrow(refusal(4));
  expect(() => pool.scaleDown(1)).toThrow(refusal(1));
  expect(() => pool.setTargetSlots(1)).toThrow(refusal(1));
  expect(() => pool.scaleDown(5)).toThrow(refusal(-3));
  expect(() => pool.setTargetSlots(0)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  expect([pool.scaleUp(1), pool.setTargetSlots(2), pool.status().state]).toEqual([3, 2, 'open']);
});

test.each<{ options: PoolOptions; message: string }>([
  {
    options: { slots: 3, minSlots: 3, autoscale: { min: 1, max: 4 } },
    message: 'Expected `autoscale.min` to be within `minSlots` (3) and `maxSlots` (16), got 1.',
  },
  {
    options: { maxSlots: 4, autoscale: { min: 1, max: 8 } },
    message: 'Expected `autoscale.max` to be within `minSlots` (1) and `maxSlots` (4), got 8.',
  },
])('autoscaling is within minSlots and maxSlots too: $message', async ({ options, message }) => {
  await expect(createPool(options)).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message });
});

test('B18: idle slots go first, and those without a name or a conversation before the others', () => {
  const { submit, settle, actor, floor } = poolStage({ slots: [{}, { name: 'ada' }, {}, {}] });
  submit('a');
  submit('b', { slot: { id: 'slot-2' } });
  settle('b');
  const left = [3, 2, 1].map((slots) => {
    actor.send({ type: 'pool.scale', slots, at: 0 });
    return floor().seats.map(({ slotId }) => slotId);
  });

  expect(left).toEqual([['slot-0', 'slot-1', 'slot-2'], ['slot-0', 'slot-1'], ['slot-0']]);
});

test('B18: a busy slot that must go ends its task first, and what it spent is booked', async () => {
  await using stage = await fakeWitness(
    { rules: [{ when: 'slow', answers: [{ text: 'done', delayMs: 500 }] }] },
    { slots: 2 },
  );
  const { pool } = stage;
  await idleSlots(pool, 2);
  const ids = await Promise.all([pool.submit('slow 1'), pool.submit('slow 2')]);
  await stage.event((event) => event.type === 'slot.busy' && event.slotId === 'slot-1');

  pool.scaleDown(1);
  const during = pool.status().slots.map(({ state }) => state);
  const results = await Promise.all(ids.map((id) => pool.wait(id)));
  await stage.event(({ type }) => type === 'slot.stopped');

  const spent = results.reduce((sum, { spendUsd }) => sum + spendUsd, 0);
  expect(during).toEqual(['busy', 'busy']);
  expect(pool.status()).toMatchObject({ spendUsd: expect.closeTo(spent, 9), completedTasks: 2 });
  expect(pool.status().slots).toHaveLength(1);
  await expect.poll(async () => (await stage.processes()).length).toBe(1);
});

test('B18: a busy slot that must go and crashes books its spend, and its task runs elsewhere', () => {
  const { submit, settle, crash, actor, floor, clock, running, context } = poolStage({ slots: [{}, {}] });
  submit('a');
  submit('b');
  actor.send({ type: 'pool.scale', slots: 1, at: 0 });
  const leaving = floor().seats.find(({ state }) => state === 'retiring');

  settle(leaving?.taskId ?? '', { exit: { signal: 'SIGKILL' } }, 7);
  crash(leaving?.slotId ?? '');
  settle(leaving?.taskId === 'a' ? 'b' : 'a');
  const { ledger, seats } = floor();
  clock.increment(5_000);

  expect(ledger).toMatchObject({ spent: 7, reserved: 0 });
  expect(seats).toMatchObject([{ state: 'idle' }]);
  expect(running()).toEqual([leaving?.taskId]);
  expect(context(leaving?.taskId ?? '')).toMatchObject({ spend: 7, attempts: 1 });
});

test('a pool grows with its queue to its most, and shrinks to its least after it was idle', () => {
  const { submit, settle, running, floor, clock } = autoscaled();
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) submit(id);
  const busy = running();
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) settle(id);
  clock.increment(59_999);
  const waiting = floor().seats.length;

  clock.increment(1);

  expect([busy, waiting, floor().seats.length]).toEqual([['a', 'b', 'c', 'd'], 4, 1]);
});

test('work that comes in time keeps the slots', () => {
  const { submit, settle, floor, clock } = autoscaled();
  for (const id of ['a', 'b', 'c']) submit(id);
  for (const id of ['a', 'b', 'c']) settle(id);
  clock.increment(30_000);
  for (const id of ['d', 'e', 'f']) submit(id);
  for (const id of ['d', 'e', 'f']) settle(id);

  clock.increment(59_999);
  const before = floor().seats.length;
  clock.increment(1);

  expect([before, floor().seats.length]).toEqual([3, 1]);
});

test('slots that have failed are not replaced without end', () => {
  let refusals = 0;
  const { submit, floor, task, clock } = poolStage({
    slots: [{}],
    rules: { maxPendingReview: Infinity, breakAfter: 0, autoscale: AUTOSCALE },
    refusal: ({ slotId }) => {
      if (slotId === 'slot-0') return undefined;
      refusals += 1;
      return 'CLAUDE_AUTH';
    },
  });
  for (let count = 0; count < 20; count += 1) submit(`task-${count}`);
  clock.increment(1_000_000);

  expect(refusals).toBe(3);
  expect(floor().seats.map(({ state }) => state)).toEqual(['busy', 'failed', 'failed', 'failed']);
  expect(task('task-19')).toBe('ready');
});

test('a slot that fails does not take the others with it', () => {
  const { submit, settle, running, floor, clock } = poolStage({
    slots: [{}, {}],
    rules: { maxPendingReview: Infinity, breakAfter: 0, autoscale: { min: 1, max: 2, idleMs: 60_000 } },
    refusal: ({ slotId }) => (slotId === 'slot-1' ? 'CLAUDE_AUTH' : undefined),
  });
  submit('a');
  clock.increment(60_000);
  settle('a');
  clock.increment(120_000);
  submit('b');

  expect([running(), floor().seats.map(({ state }) => state)]).toEqual([['b'], ['busy', 'failed']]);
});

test('a target replaces the slots that have failed', () => {
  let works = false;
  const { submit, running, floor, actor } = poolStage({
    slots: [{}, {}],
    refusal: ({ slotId }) => (slotId === 'slot-1' && !works ? 'CLAUDE_AUTH' : undefined),
  });
  works = true;

  actor.send({ type: 'pool.scale', slots: 2, at: 0 });
  submit('a');
  submit('b');

  expect(running()).toEqual(['a', 'b']);
  expect(floor().seats.map(({ state }) => state)).toEqual(['busy', 'busy']);
});

function refusal(got: number): unknown {
  const message = `Expected a number of slots within \`minSlots\` (2) and \`maxSlots\` (3), got ${got}.`;
  return expect.objectContaining({ code: 'INVALID_OPTIONS', message });
}

function autoscaled() {
  return poolStage({ rules: { maxPendingReview: Infinity, breakAfter: 0, autoscale: AUTOSCALE } });
}
