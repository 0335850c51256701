import { createActor, setup } from 'xstate';
import { expect, test } from 'vitest';
import { openLedger } from '../../machines/budget.ts';
import { openTask } from '../../machines/task.ts';
import { alarmOf } from '../../machines/task-entry.ts';
import { CRASHED, RATE_LIMITED } from './attempt.ts';
import { openAs, POOL_INPUT, poolStage, taskInput } from './pool-stage.ts';

const AUTH = { interruption: 'auth', lastRetryStatus: 401 } as const;

test('a pool runs a task and tells what it has cost', () => {
  const { submit, settle, task, context, floor, turns } = poolStage();

  submit('a', { settings: { model: 'sonnet' } });
  settle('a', undefined, 7);

  expect(task('a')).toBe('completed');
  expect(context('a')).toMatchObject({ spend: 7, slotId: 'slot-0', verdict: { name: 'succeeded' } });
  expect(turns).toEqual([{ taskId: 'a', generation: 0, prompt: 'Do a.', model: 'sonnet' }]);
  expect(floor()).toMatchObject({
    ledger: { spent: 7, reserved: 0, settled: 1 },
    seats: [{ slotId: 'slot-0', state: 'idle', tasks: 1, spent: 7 }],
  });
});

for (const end of ['guest.end', 'guest.fail']) {
  test(`an actor that somebody puts below a pool takes nothing with it: ${end}`, () => {
    const { actor, submit, settle, task, running } = poolStage();
    submit('a');
    const guest = createActor(guestMachine, { parent: actor, id: 'guest' });
    guest.subscribe({ error: () => undefined });
    guest.start();

    guest.send({ type: end });

    expect([guest.getSnapshot().status === 'active', running()]).toEqual([false, ['a']]);
    settle('a');
    expect(task('a')).toBe('completed');
  });
}

test('tasks that wait run by priority, then in the order they were submitted', () => {
  const { submit, settle, turns } = poolStage();

  submit('first');
  submit('low', { priority: -1 });
  submit('plain');
  submit('urgent', { priority: 5 });
  submit('later');
  for (const id of ['first', 'urgent', 'plain', 'later', 'low']) settle(id);

  expect(turns.map(({ taskId }) => taskId)).toEqual(['first', 'urgent', 'plain', 'later', 'low']);
});

test('a pool runs as many tasks at once as it has slots', () => {
  const { submit, settle, running } = poolStage({ slots: [{}, {}] });

  for (const id of ['a', 'b', 'c']) submit(id);
  const before = running();
  settle('b');

  expect([before, running()]).toEqual([
    ['a', 'b'],
    ['a', 'c'],
  ]);
});

test('a task that asks for a slot waits for that slot, and lets the others pass', () => {
  const { submit, settle, running } = poolStage({ slots: [{ name: 'Ada' }, { role: 'tester' }] });

  submit('a', { slot: { name: 'Ada' } });
  submit('b', { slot: { name: 'Ada' } });
  submit('c', { slot: { role: 'tester' } });
  const before = running();
  settle('a');

  expect([before, running()]).toEqual([
    ['a', 'c'],
    ['b', 'c'],
  ]);
});

test('a task whose attempt crashed runs again after its backoff', () => {
  const { submit, settle, task, running, clock } = poolStage();
  submit('a');
  settle('a', CRASHED);
  const waiting = task('a');

  clock.increment(1_499);
  const early = running();
  clock.increment(1);

  expect([waiting, early, running()]).toEqual(['backingOff', [], ['a']]);
});

test('a usage limit parks the pool, then one task probes, then all run again', () => {
  const { submit, settle, task, running, value, clock } = poolStage({
    slots: [{}, {}],
    limitBackoffMs: 5_000,
  });
  submit('a');
  settle('a', RATE_LIMITED);
  submit('b');
  const parked = { state: value(), running: running(), tasks: [task('a'), task('b')] };

  clock.increment(5_000);
  const probing = { state: value(), running: running() };
  settle('b');

  expect(parked).toEqual({ state: openAs('parked'), running: [], tasks: ['parked', 'ready'] });
  expect(probing).toEqual({ state: openAs('probing'), running: ['b'] });
  expect({ state: value(), running: running() }).toEqual({ state: openAs('clear'), running: ['a'] });
});

test('a task that met a usage limit alone runs again when the limit is lifted', () => {
  const { submit, settle, task, running, clock } = poolStage({ limitBackoffMs: 5_000 });
  submit('a');

  settle('a', { ...RATE_LIMITED, resetsAt: 9_000 });
  clock.increment(8_999);
  const early = running();
  clock.increment(1);

  expect([early, running(), task('a')]).toEqual([[], ['a'], 'running']);
});

test('a limit that is met again parks for twice as long', () => {
  const { submit, settle, value, actor, clock } = poolStage({ limitBackoffMs: 5_000 });
  submit('a');
  settle('a', RATE_LIMITED);
  clock.increment(5_000);

  settle('a', RATE_LIMITED);

  expect(value()).toEqual(openAs('parked'));
  expect(actor.getSnapshot().context.limit).toMatchObject({ until: 15_000, strikes: 2 });
});

test('a refused login parks the pool and fails the task that met it', () => {
  const { submit, settle, task, running, value, actor } = poolStage();
  submit('a');

  settle('a', AUTH);
  submit('b');

  expect([task('a'), task('b'), running()]).toEqual(['failed', 'ready', []]);
  expect(value()).toEqual(openAs('parked'));
  expect(actor.getSnapshot().context.limit).toMatchObject({ reason: 'auth' });
});

test('a task that backs off is woken while the pool is parked, and waits', () => {
  const { submit, settle, task, value, clock } = poolStage({ slots: [{}, {}], limitBackoffMs: 90_000 });
  submit('a');
  submit('b');
  settle('a', CRASHED);
  settle('b', RATE_LIMITED);

  clock.increment(2_000);

  expect([task('a'), task('b'), value()]).toEqual(['ready', 'parked', openAs('parked')]);
});

test('a task that is cancelled before it runs never runs', () => {
  const { submit, settle, cancel, task, turns } = poolStage();
  submit('a');
  submit('b');

  cancel('b');
  settle('a');

  expect([task('b'), turns.length]).toEqual(['cancelled', 1]);
});

test('a running task that is cancelled frees its slot for the next', () => {
  const { submit, cancel, task, context, running, floor } = poolStage();
  submit('a');
  submit('b');

  cancel('a');

  expect([task('a'), running()]).toEqual(['cancelled', ['b']]);
  expect(context('a')).toMatchObject({ spend: 3, reason: { code: 'CANCELLED' } });
  expect(floor().ledger).toMatchObject({ spent: 3, settled: 1 });
});

test('cancelling a task that is too dear for the moment lets those behind it run', () => {
  const { submit, cancel, running } = poolStage({ slots: [{}, {}], budgetMicros: 1_000 });
  submit('a', { capMicros: 600 });
  submit('dear', { capMicros: 500 });
  submit('cheap', { capMicros: 100 });
  const before = running();

  cancel('dear');

  expect([before, running()]).toEqual([['a'], ['a', 'cheap']]);
});

test('a task that is cancelled while it backs off is not woken', () => {
  const { submit, settle, cancel, task, floor, clock, turns } = poolStage();
  submit('a');
  settle('a', CRASHED);

  cancel('a');
  clock.increment(60_000);

  expect([task('a'), turns.length, floor().alarms]).toEqual(['cancelled', 1, undefined]);
});

test('an exhausted budget fails who waits, and no attempt starts without a reservation', () => {
  const { submit, settle, task, context, value, floor } = poolStage({ slots: [{}, {}], budgetMicros: 1_000 });

  submit('a', { capMicros: 800 });
  submit('b', { capMicros: 300 });
  const before = [task('a'), task('b'), floor().ledger.reserved];
  settle('a', undefined, 1_000);

  expect(before).toEqual(['running', 'ready', 800]);
  expect([task('a'), task('b')]).toEqual(['completed', 'failed']);
  expect(context('b')).toMatchObject({ reason: { code: 'BUDGET_EXCEEDED' } });
  expect(value()).toEqual({ open: { limit: 'clear', budget: 'exhausted' } });
});

test('a task with a cap is held to what was reserved for it', () => {
  const { submit, turns } = poolStage({ budgetMicros: 1_000 });

  submit('a', { capMicros: 400 });

  expect(turns).toMatchObject([{ taskId: 'a', capMicros: 400 }]);
});

test('a task that asks for a name is run as a probe when a slot gets that name', () => {
  const { submit, settle, cancel, actor, running, value, clock } = poolStage({ limitBackoffMs: 5_000 });
  submit('a');
  settle('a', RATE_LIMITED);
  submit('b', { slot: { name: 'Ada' } });
  cancel('a');
  clock.increment(5_000);
  const before = [running(), value()];

  actor.send({ type: 'slot.configure', slotId: 'slot-0', identity: { name: 'Ada' }, at: 5_000 });

  expect([before, running()]).toEqual([[[], openAs('probing')], ['b']]);
});

test('a task that waits too long for a slot fails, and leaves the waiting order', () => {
  const { submit, task, context, clock, floor } = poolStage();
  submit('a');
  submit('b', { slotWaitMs: 3_000 });

  clock.increment(2_999);
  const early = task('b');
  clock.increment(1);

  expect([early, task('b'), context('b')?.reason?.code]).toEqual(['ready', 'failed', 'NO_SLOTS_AVAILABLE']);
  expect([floor().lanes, floor().deadlines]).toEqual([{}, undefined]);
});

test('time in which the pool is parked does not count as waiting for a slot', () => {
  const { submit, settle, task, running, value, clock } = poolStage({ limitBackoffMs: 10_000 });
  submit('a');
  submit('b');
  submit('c', { slotWaitMs: 3_000 });
  settle('a', RATE_LIMITED);

  clock.increment(9_999);
  const parked = [task('c'), value()];
  clock.increment(1);
  settle('b');
  clock.increment(2_999);
  const early = [task('c'), running()];
  clock.increment(1);

  expect(parked).toEqual(['ready', openAs('parked')]);
  expect(early).toEqual(['ready', ['a']]);
  expect(task('c')).toBe('failed');
});

test('results that wait for review stop new work at their bound, and let it on again', () => {
  const rules = { maxPendingReview: 1, breakAfter: 0 };
  const { submit, settle, task, running, actor } = poolStage({ slots: [{}, {}], rules });
  submit('a', { review: { maxRejections: 2 } });
  settle('a');
  submit('b');
  const before = [task('a'), running()];

  actor.send({ type: 'task.tell', taskId: 'a', event: { type: 'review.approve', at: 0 }, at: 0 });

  expect([before, task('a'), running()]).toEqual([['pendingReview', []], 'completed', ['b']]);
});

test('a rejected task goes on in its conversation, before others get its slot', () => {
  const { submit, settle, running, turns, actor } = poolStage();
  submit('a', { review: { maxRejections: 2 } });
  settle('a');
  submit('b');
  settle('b');

  actor.send({
    type: 'task.tell',
    taskId: 'a',
    event: { type: 'review.reject', feedback: 'Too short.', at: 0 },
    at: 0,
  });

  expect(running()).toEqual(['a']);
  expect(turns.at(-1)?.prompt).toBe('Attempt 2 of 2. Your last result was rejected:\nToo short.');
});

test('tasks in a row that crash break the circuit, and one that answers closes it', () => {
  const rules = { maxPendingReview: Infinity, breakAfter: 2 };
  const { submit, settle, value, running, actor, clock } = poolStage({ rules, limitBackoffMs: 5_000 });
  for (const id of ['a', 'b', 'c']) submit(id, { retry: { retries: 0, backoffBaseMs: 1, backoffMaxMs: 1 } });
  settle('a', CRASHED);
  settle('b', CRASHED);
  const { limit } = actor.getSnapshot().context;
  const parked = [value(), running()];

  clock.increment(5_000);
  const probing = [value(), running()];
  settle('c');

  expect(limit).toMatchObject({ reason: 'breaker', until: 5_000, strikes: 1 });
  expect([parked, probing, value()]).toEqual([
    [openAs('parked'), []],
    [openAs('probing'), ['c']],
    openAs('clear'),
  ]);
});

test('a slot with a budget takes no task beyond it, and who waits for that slot alone fails', () => {
  const { submit, settle, running, task, context } = poolStage({ slots: [{ capMicros: 100 }, {}] });
  submit('a', { slot: { id: 'slot-0' } });
  submit('b', { slot: { id: 'slot-0' } });
  submit('c', { slot: { id: 'slot-0' }, capMicros: 200 });
  const before = [running(), task('b'), task('c')];

  settle('a', undefined, 100);

  expect(before).toEqual([['a'], 'ready', 'failed']);
  expect([task('b'), context('b')?.reason?.code, running()]).toEqual(['failed', 'BUDGET_EXCEEDED', []]);
});

test('a pool can be part of another machine, which hears of its end', () => {
  const { machine } = poolStage();
  const host = setup({
    actors: { pool: machine },
    types: { context: {} as { readonly spent: number } },
  }).createMachine({
    context: { spent: -1 },
    initial: 'working',
    states: {
      working: {
        invoke: {
          src: 'pool',
          id: 'pool',
          input: POOL_INPUT,
          onDone: { target: 'finished' },
          onError: 'broken',
        },
      },
      finished: { type: 'final' },
      broken: {},
    },
  });
  const actor = createActor(host).start();

  actor.getSnapshot().children['pool']?.send({ type: 'pool.drain', at: 0 });

  expect(actor.getSnapshot()).toMatchObject({ status: 'done', value: 'finished' });
});

test('a task of an earlier pool whose back-off ends before the first slot is ready runs once one is', () => {
  const context = { ...openTask(taskInput('a', { seq: 1, at: 0, options: {} })), until: 500 };
  const none = { pending: 0, running: 0, pendingReview: 0, completed: 0, failed: 0, cancelled: 0 };
  let opened = 0;
  const { clock, running, value } = poolStage({
    directory: {
      restored: {
        tasks: [{ state: 'pending', wait: 'backingOff', context }],
        chains: [],
        counts: { ...none, pending: 1 },
      },
    },
    restored: {
      ledger: openLedger(undefined),
      slots: [],
      waiting: { entries: [], alarms: [alarmOf(context)], reviews: 0 },
      at: 0,
    },
    refusal: () => {
      opened += 1;
      return opened === 1 ? 'TIMEOUT' : undefined;
    },
  });

  clock.increment(600);
  const early = [value(), running()];
  clock.increment(1_400);

  expect(early).toEqual(['starting', []]);
  expect(running()).toEqual(['a']);
});

/** An actor that has nothing to do with the pool but its place below it. */
const guestMachine = setup({
  actions: {
    fail: () => {
      throw new Error('A guest has failed.');
    },
  },
}).createMachine({
  id: 'guest',
  initial: 'present',
  states: {
    present: { on: { 'guest.end': 'gone', 'guest.fail': { actions: 'fail' } } },
    gone: { type: 'final' },
  },
});
