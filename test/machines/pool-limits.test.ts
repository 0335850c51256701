import { expect, test } from 'vitest';
import type { Evidence } from '../../machines/types.ts';
import { ANSWER, ANSWERED, CRASHED, OUT_OF_TURNS, RATE_LIMITED } from './attempt.ts';
import { openAs, poolStage } from './pool-stage.ts';

const AUTH: Evidence = { interruption: 'auth', lastRetryStatus: 401 };
const REFUSED: Evidence = { result: { ...ANSWER, stopReason: 'refusal' } };
const BUDGET: Evidence = { interruption: 'budget' };
const INVALID: Evidence = { result: { ...ANSWER, isError: true, apiErrorStatus: 400 } };
const OVERFLOW: Evidence = { result: { ...ANSWER, stopReason: 'model_context_window_exceeded' } };
const OVERLOADED: Evidence = { result: { ...ANSWER, isError: true, apiErrorStatus: 529 } };
const RETRY = { retries: 3, backoffBaseMs: 2_000, backoffMaxMs: 5_000 };
const BREAK = { rules: { maxPendingReview: 9, breakAfter: 3 }, limitBackoffMs: 5_000 };

test('attempts that fail are made again after delays that double up to a bound, as often as allowed', () => {
  const { submit, settle, context, task, clock, turns } = poolStage();
  submit('a', { retry: RETRY });

  const delays = [1, 2, 3].map(() => {
    settle('a', OVERLOADED);
    const delay = (context('a')?.until ?? 0) - clock.now();
    clock.increment(delay - 1);
    const early = turns.length;
    clock.increment(1);
    return [delay, turns.length - early];
  });
  settle('a', OVERLOADED);

  expect(delays).toEqual([
    [1_500, 1],
    [3_000, 1],
    [3_750, 1],
  ]);
  expect([task('a'), turns.length, context('a')?.attempts]).toEqual(['failed', 4, 4]);
});

for (const [name, evidence] of Object.entries({ AUTH, REFUSED, BUDGET, INVALID, OVERFLOW, OUT_OF_TURNS })) {
  test(`what another attempt cannot help is not tried again (${name})`, () => {
    const { submit, settle, task, context, clock, turns } = poolStage();
    submit('a', { retry: RETRY });

    settle('a', evidence, 4);
    clock.increment(1_000_000);

    expect([task('a'), turns.length, context('a')?.spend]).toEqual(['failed', 1, 4]);
  });
}

test('a usage limit parks all: nothing starts, nothing is reserved, and no attempt is counted', () => {
  const { submit, settle, task, context, floor, running, clock, actor } = poolStage({
    slots: [{}, {}],
    budgetMicros: 1_000,
  });
  submit('a');
  settle('a', { ...RATE_LIMITED, resetsAt: 60_000 });
  submit('b');
  submit('c');

  clock.increment(59_999);

  expect([running(), ['a', 'b', 'c'].map(task)]).toEqual([[], ['parked', 'ready', 'ready']]);
  expect(floor().ledger).toMatchObject({ spent: 0, reserved: 0 });
  expect(context('a')).toMatchObject({ attempts: 0, until: 60_000 });
  expect(actor.getSnapshot().context.limit).toMatchObject({ reason: 'rateLimited', until: 60_000 });
});

test('tasks that met a usage limit together are each tried again once it is lifted', () => {
  const { submit, settle, task, running, clock, turns } = poolStage({ slots: [{}, {}, {}] });
  const ids = ['a', 'b', 'c'];
  for (const id of ids) submit(id);
  for (const id of ids) settle(id, { ...RATE_LIMITED, resetsAt: 9_000 });

  clock.increment(9_000);
  const probe = running();
  settle(probe[0] ?? '');
  for (const id of running()) settle(id);

  expect(probe).toHaveLength(1);
  expect(ids.map(task)).toEqual(['completed', 'completed', 'completed']);
  expect(turns).toHaveLength(6);
});

test('what was at work before a limit and goes on does not hold up the probe', () => {
  const { submit, settle, running, clock } = poolStage({ slots: [{}, {}] });
  submit('long');
  submit('a');
  submit('b');
  settle('a', { ...RATE_LIMITED, resetsAt: 9_000 });

  clock.increment(9_000);

  expect(running()).toEqual(['long', 'b']);
});

test('the first word of the answer to a probe opens the pool', () => {
  const { submit, settle, answer, running, clock, value, actor } = poolStage({ slots: [{}, {}, {}] });
  for (const id of ['long', 'a']) submit(id);
  settle('a', { ...RATE_LIMITED, resetsAt: 9_000 });
  for (const id of ['b', 'c']) submit(id);
  clock.increment(9_000);
  answer('long');
  const before = [value(), running()];

  answer('b');

  expect(before).toEqual([openAs('probing'), ['long', 'b']]);
  expect([value(), running().toSorted()]).toEqual([openAs('clear'), ['a', 'b', 'long']]);
  expect(actor.getSnapshot().context.limit).toBeUndefined();
});

test('a probe that was answered and goes on holds up no later one', () => {
  const { submit, settle, answer, running, clock } = poolStage({ slots: [{}, {}] });
  for (const id of ['a', 'b', 'c']) submit(id);
  settle('a', { ...RATE_LIMITED, resetsAt: 9_000 });
  settle('b');
  clock.increment(9_000);
  answer('c');
  settle('a', { ...RATE_LIMITED, resetsAt: 20_000 });
  const between = running();

  clock.increment(11_000);

  expect([between, running()]).toEqual([['c'], ['c', 'a']]);
});

test('a refused login fails the task that met it first; those that probe later wait with the pool', () => {
  const { submit, settle, task, context, running, clock, actor } = poolStage({ limitBackoffMs: 5_000 });
  submit('a');
  submit('b');
  settle('a', AUTH);

  clock.increment(5_000);
  settle('b', AUTH);
  const second = actor.getSnapshot().context.limit;
  clock.increment(9_999);
  const early = running();
  clock.increment(1);
  settle('b', ANSWERED);

  expect([task('a'), early, task('b')]).toEqual(['failed', [], 'completed']);
  expect(second).toMatchObject({ reason: 'auth', strikes: 2, until: 15_000 });
  expect(context('b')).toMatchObject({ verdict: { name: 'succeeded' } });
  expect(actor.getSnapshot().context.limit).toBeUndefined();
});

test('a limit that is met again and again parks for longer, up to a bound', () => {
  const { submit, settle, clock, actor } = poolStage({ limitBackoffMs: 1_000, limitBackoffMaxMs: 3_000 });
  submit('a');

  const waits = [1, 2, 3, 4].map(() => {
    settle('a', RATE_LIMITED);
    const wait = (actor.getSnapshot().context.limit?.until ?? 0) - clock.now();
    clock.increment(wait);
    return wait;
  });

  expect(waits).toEqual([1_000, 2_000, 3_000, 3_000]);
});

test('so many tasks in a row that end alike park the pool, and a probe that ends well opens it', () => {
  const { submit, settle, task, running, value, clock, actor } = poolStage(BREAK);
  for (const id of ['a', 'b', 'c', 'd', 'e']) submit(id, { retry: { ...RETRY, retries: 0 } });

  for (const id of ['a', 'b', 'c']) settle(id, CRASHED);
  const parked = { value: value(), running: running(), limit: actor.getSnapshot().context.limit };
  clock.increment(5_000);
  const probing = { value: value(), running: running() };
  settle('d');

  expect(parked).toMatchObject({
    value: openAs('parked'),
    running: [],
    limit: {
      reason: 'breaker',
      until: 5_000,
      message: expect.stringContaining('The last 3 tasks ended alike.'),
    },
  });
  expect(probing).toEqual({ value: openAs('probing'), running: ['d'] });
  expect([value(), running(), ['a', 'd'].map(task)]).toEqual([
    openAs('clear'),
    ['e'],
    ['failed', 'completed'],
  ]);
});

test('the first word of a probe does not close a broken circuit, and starts no other probe', () => {
  const { submit, settle, answer, value, running, clock } = poolStage({ ...BREAK, slots: [{}, {}] });
  for (const id of ['a', 'b', 'c']) submit(id, { retry: { ...RETRY, retries: 0 } });
  for (const id of ['a', 'b', 'c']) settle(id, CRASHED);
  submit('d');
  clock.increment(5_000);

  answer('d');
  submit('e');

  expect([value(), running()]).toEqual([openAs('probing'), ['d']]);
});

test('a probe of a broken circuit that ends like those before parks the pool again, for longer', () => {
  const { submit, settle, value, clock, actor } = poolStage(BREAK);
  for (const id of ['a', 'b', 'c', 'd']) submit(id, { retry: { ...RETRY, retries: 0 } });
  for (const id of ['a', 'b', 'c']) settle(id, CRASHED);
  clock.increment(5_000);

  settle('d', CRASHED);

  expect(value()).toEqual(openAs('parked'));
  expect(actor.getSnapshot().context.limit).toMatchObject({ reason: 'breaker', strikes: 2, until: 15_000 });
});

test('one task that fails often, or tasks that fail in different ways, park nothing', () => {
  const { submit, settle, value, clock } = poolStage(BREAK);
  submit('a', { retry: { ...RETRY, retries: 9 } });
  for (let attempt = 0; attempt < 6; attempt += 1) {
    settle('a', CRASHED);
    clock.increment(5_000);
  }
  settle('a');
  const afterOne = value();
  const ends = [CRASHED, CRASHED, OVERLOADED, CRASHED, CRASHED, ANSWERED, CRASHED];
  ends.forEach((end, index) => {
    submit(`b${index}`, { retry: { ...RETRY, retries: 0 } });
    settle(`b${index}`, end);
  });

  expect([afterOne, value()]).toEqual([openAs('clear'), openAs('clear')]);
});

test('a circuit that is to break never does not', () => {
  const { submit, settle, value } = poolStage({ rules: { maxPendingReview: 9, breakAfter: 0 } });

  for (let index = 0; index < 20; index += 1) {
    submit(`t${index}`, { retry: { ...RETRY, retries: 0 } });
    settle(`t${index}`, CRASHED);
  }

  expect(value()).toEqual(openAs('clear'));
});

test('a task that waits for a slot no longer than it may fails, and is not run afterwards', () => {
  const { submit, settle, task, context, clock, turns } = poolStage();
  submit('a');
  submit('b', { slotWaitMs: 1_000 });

  clock.increment(999);
  const before = task('b');
  clock.increment(1);
  settle('a');

  expect([before, task('b'), turns.length]).toEqual(['ready', 'failed', 1]);
  expect(context('b')).toMatchObject({ spend: 0, reason: { code: 'NO_SLOTS_AVAILABLE' } });
});

test('a retry waits for a slot anew', () => {
  const { submit, settle, task, clock } = poolStage();
  submit('a', { slotWaitMs: 1_000 });
  clock.increment(5_000);
  settle('a', CRASHED);
  submit('b');
  clock.increment(1_500);

  clock.increment(999);
  const before = task('a');
  clock.increment(1);

  expect([before, task('a')]).toEqual(['ready', 'failed']);
});

test('the time in which a limit holds the pool back does not count as waiting for a slot', () => {
  const { submit, settle, task, clock } = poolStage({ slots: [{}] });
  submit('a');
  submit('early', { slotWaitMs: 10_000 });
  clock.increment(2_000);
  settle('a', { ...RATE_LIMITED, resetsAt: 9_000 });
  submit('late', { slotWaitMs: 10_000 });
  submit('long', { priority: 1 });
  clock.increment(7_000 + 30_000);
  const probing = ['early', 'late', 'long'].map(task);
  settle('long');
  const blocker = task('a');

  clock.increment(7_999);
  const before = ['early', 'late'].map(task);
  clock.increment(1);
  const between = ['early', 'late'].map(task);
  clock.increment(2_000);

  expect([probing, blocker]).toEqual([['ready', 'ready', 'running'], 'running']);
  expect([before, between]).toEqual([
    ['ready', 'ready'],
    ['failed', 'ready'],
  ]);
  expect(task('late')).toBe('failed');
});

test('a drain that finds the pool parked cancels who is parked, and ends', () => {
  const { submit, settle, task, actor } = poolStage();
  submit('a');
  submit('b');
  settle('a', { ...RATE_LIMITED, resetsAt: 9_000 });

  actor.send({ type: 'pool.drain', at: 1 });

  expect([task('a'), task('b'), actor.getSnapshot().status]).toEqual(['cancelled', 'cancelled', 'done']);
});

test('a probe takes a task as soon as a slot is given the name that it asks for', () => {
  const { submit, settle, running, clock, actor } = poolStage();
  submit('a');
  settle('a', AUTH);
  submit('b', { slot: { name: 'ada' } });
  clock.increment(30_000);
  const before = running();

  actor.send({ type: 'slot.configure', slotId: 'slot-0', identity: { name: 'ada' }, at: clock.now() });

  expect([before, running()]).toEqual([[], ['b']]);
});
