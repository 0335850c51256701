import { expect, test } from 'vitest';
import { CRASHED } from './attempt.ts';
import { poolStage } from './pool-stage.ts';

test('a pool that drains cancels what waits, ends what runs, and is done', () => {
  const { submit, settle, task, actor } = poolStage();
  submit('a');
  submit('b');

  actor.send({ type: 'pool.drain', at: 0 });
  submit('c');
  const before = [task('a'), task('b'), task('c')];
  settle('a', undefined, 9);

  expect(before).toEqual(['running', 'cancelled', 'cancelled']);
  expect(actor.getSnapshot()).toMatchObject({ status: 'done', value: 'drained', output: { spent: 9 } });
});

test('a drain with a curfew cancels what still runs then', () => {
  const { submit, actor, clock, value } = poolStage({ slots: [{}, {}] });
  submit('a');

  actor.send({ type: 'pool.drain', at: 0, until: 4_000 });
  clock.increment(3_999);
  const before = value();
  clock.increment(1);

  expect(before).toEqual({ draining: 'cancelling' });
  expect(actor.getSnapshot()).toMatchObject({ status: 'done', output: { spent: 3 } });
});

test('a drain that keeps who waits cancels nobody, and ends with what runs', () => {
  const { submit, settle, cancel, task, actor, turns } = poolStage({ slots: [{}, {}] });
  submit('a');
  submit('b');
  submit('c');
  submit('d', { slotWaitMs: 1_000 });
  settle('b', CRASHED);
  const tasks = () => ['a', 'b', 'c', 'd', 'e'].map(task);

  actor.send({ type: 'pool.drain', at: 0, pending: 'keep' });
  cancel('d');
  submit('e');
  const before = tasks();
  settle('c', CRASHED);
  settle('a', undefined, 9);

  expect(before).toEqual(['running', 'backingOff', 'running', 'cancelled', 'ready']);
  expect(tasks()).toEqual(['completed', 'backingOff', 'backingOff', 'cancelled', 'ready']);
  expect(turns).toHaveLength(3);
  expect(actor.getSnapshot()).toMatchObject({ status: 'done', value: 'drained', output: { spent: 9 } });
});

test('a drain that keeps who waits cuts off what runs at its curfew, and what was set aside for it stays', () => {
  const { submit, actor, task, running, clock, floor } = poolStage({ budgetMicros: 100 });
  submit('a', { capMicros: 5 });
  submit('b');

  actor.send({ type: 'pool.drain', at: 0, until: 4_000, pending: 'keep' });
  clock.increment(3_999);
  const before = [actor.getSnapshot().status, running()];
  clock.increment(1);

  expect(before).toEqual(['active', ['a']]);
  expect([actor.getSnapshot().status, running(), task('a'), task('b')]).toEqual([
    'done',
    [],
    'running',
    'ready',
  ]);
  expect(floor()).toMatchObject({ ledger: { spent: 0, reserved: 5 }, seats: [{ taskId: 'a', reserved: 5 }] });
});

test('a drain that meets a failing attempt starts no other', () => {
  const { submit, settle, actor, turns, task } = poolStage({ slots: [{}, {}] });
  submit('a');
  submit('b');

  actor.send({ type: 'pool.drain', at: 0 });
  settle('a', CRASHED);
  const before = task('a');
  settle('b');

  expect([before, actor.getSnapshot().status, turns.length]).toEqual(['cancelled', 'done', 2]);
});

test('a task whose result is rejected while the pool drains is cancelled', () => {
  const { submit, settle, reject, actor, task } = poolStage({ slots: [{}, {}] });
  submit('a', { review: { maxRejections: 2 } });
  submit('b');
  settle('a');

  actor.send({ type: 'pool.drain', at: 0 });
  const before = task('a');
  reject('a', 'Too short.');

  expect([before, task('a')]).toEqual(['pendingReview', 'cancelled']);
});

test('a pool drains when its only slot has failed', () => {
  const { actor } = poolStage({ refusal: () => 'CLAUDE_NOT_FOUND' });

  actor.send({ type: 'pool.drain', at: 0 });

  expect(actor.getSnapshot().status).toBe('done');
});

test('a second drain can set an earlier end, and no later one', () => {
  const { submit, actor, clock, task } = poolStage();
  submit('a');

  actor.send({ type: 'pool.drain', at: 0 });
  actor.send({ type: 'pool.drain', at: 0, until: 2_000 });
  actor.send({ type: 'pool.drain', at: 0, until: 9_000 });
  clock.increment(2_000);

  expect(task('a')).toBe('cancelled');
  expect(actor.getSnapshot().context.closesAt).toBe(2_000);
});
