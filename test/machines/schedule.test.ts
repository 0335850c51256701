import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as closing from '../../machines/closing.ts';
import * as schedule from '../../machines/schedule.ts';
import * as seating from '../../machines/seats.ts';
import { hasUsableSeat } from '../../machines/floor.ts';
import type { Floor } from '../../machines/floor.ts';
import { setAlarm } from '../../machines/alarms.ts';
import { left, waiting } from '../../machines/lanes.ts';
import {
  assignments,
  AT,
  alarms,
  crowd,
  deliveries,
  failures,
  floorOf,
  settled,
  slotOrders,
  waiter,
} from './floor-stage.ts';
import { CRASHED } from './attempt.ts';
import { taskInput } from './pool-stage.ts';

test('a new task is told to the directory before it waits', () => {
  const { floor, orders } = schedule.admit(
    floorOf(['idle']),
    taskInput('a', { seq: 1, at: AT, options: {} }),
  );

  expect(orders).toMatchObject([{ to: 'directory', event: { type: 'directory.admit', input: { id: 'a' } } }]);
  expect(waiting(floor)).toEqual([{ id: 'a', priority: 0, seq: 1 }]);
});

test('with no slot left to come, a task fails as soon as it waits', () => {
  const lost: Floor = { ...floorOf(['failed']), failure: { code: 'CLAUDE_AUTH', message: 'Not logged in.' } };

  const { floor, orders } = schedule.enroll(lost, waiter('a', 1), AT);

  expect(waiting(floor)).toEqual([]);
  expect(failures(orders)).toEqual([
    ['a', 'NO_SLOTS_AVAILABLE', 'No slot is left that could run the task. Not logged in.'],
  ]);
});

test('idle slots are given to the tasks that come first by priority and submission, in all lanes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ priority: fc.integer({ min: 0, max: 3 }), isPicky: fc.boolean() })),
      (wishes) => {
        const entries = wishes.map(({ priority, isPicky }, seq) =>
          waiter(`task-${seq}`, seq, { priority, ...(isPicky && { slot: { role: 'any' } }) }),
        );
        const seats = entries.map(() => 'idle' as const);
        const floor = floorOf(seats, { identity: { role: 'any' } });

        const { orders } = schedule.dispatch(crowd(floor, entries), AT);

        const expected = entries.toSorted(
          (one, other) => other.priority - one.priority || one.seq - other.seq,
        );
        expect(assignments(orders).map(([taskId]) => taskId)).toEqual(expected.map(({ id }) => id));
      },
    ),
  );
});

test('the slot that has run the fewest tasks is taken first', () => {
  const floor = floorOf(['idle', 'idle', 'idle']);
  const used: Floor = {
    ...floor,
    seats: floor.seats.map((seat, index) => ({ ...seat, tasks: [4, 1, 2][index] ?? 0 })),
  };

  const { orders } = schedule.dispatch(crowd(used, [waiter('a', 1), waiter('b', 2)]), AT);

  expect(assignments(orders)).toEqual([
    ['a', 'slot-1'],
    ['b', 'slot-2'],
  ]);
});

test.each([
  { wish: { id: 'slot-1' }, seat: 'slot-1' },
  { wish: { name: 'Bob' }, seat: 'slot-1' },
  { wish: { role: 'tester' }, seat: 'slot-2' },
])('a task that wishes for $wish gets that slot', ({ wish, seat }) => {
  const floor = floorOf(['idle', 'idle', 'idle']);
  const staffed: Floor = {
    ...floor,
    seats: floor.seats.map((each, index) => ({
      ...each,
      identity: [{ name: 'Ada' }, { name: 'Bob' }, { role: 'tester' }][index] ?? {},
    })),
  };

  const { orders } = schedule.dispatch(crowd(staffed, [waiter('a', 1, { slot: wish })]), AT);

  expect(assignments(orders)).toEqual([['a', seat]]);
});

test('a task whose slot is busy lets less urgent ones pass', () => {
  const entries = [waiter('a', 1, { priority: 9, slot: { id: 'slot-0' } }), waiter('b', 2)];

  const { floor, orders } = schedule.dispatch(crowd(floorOf(['busy', 'idle']), entries), AT);

  expect(assignments(orders)).toEqual([['b', 'slot-1']]);
  expect(waiting(floor).map(({ id }) => id)).toEqual(['a']);
});

test('a task that leaves the waiting order is not dispatched', () => {
  const entries = [waiter('a', 1, { slot: { id: 'slot-0' } }), waiter('b', 2)];
  const [first = waiter('', 0)] = entries;

  const { floor } = left(crowd(floorOf(['idle']), entries), first);

  expect(assignments(schedule.dispatch(floor, AT).orders)).toEqual([['b', 'slot-0']]);
});

test('an attempt starts with its cap reserved', () => {
  const floor = floorOf(['idle'], { limit: 1_000 });

  const step = schedule.dispatch(crowd(floor, [waiter('a', 1, { capMicros: 300 })]), AT);

  expect(step.orders).toEqual([
    {
      to: 'directory',
      event: { type: 'directory.assign', taskId: 'a', slotId: 'slot-0', at: AT, capMicros: 300 },
    },
  ]);
  expect(step.floor).toMatchObject({
    ledger: { reserved: 300 },
    seats: [{ state: 'busy', taskId: 'a', reserved: 300 }],
  });
});

test('a task that waits for the budget holds back those behind it', () => {
  const entries = [
    waiter('a', 1, { capMicros: 700 }),
    waiter('b', 2, { capMicros: 700 }),
    waiter('c', 3, { capMicros: 1 }),
  ];

  const { floor, orders } = schedule.dispatch(
    crowd(floorOf(['idle', 'idle', 'idle'], { limit: 1_000 }), entries),
    AT,
  );

  expect(assignments(orders)).toEqual([['a', 'slot-0']]);
  expect(waiting(floor).map(({ id }) => id)).toEqual(['b', 'c']);
});

test('a task whose cap can never be granted fails, and the next one runs', () => {
  const entries = [waiter('a', 1, { capMicros: 2_000 }), waiter('b', 2, { capMicros: 10 })];

  const { orders } = schedule.dispatch(crowd(floorOf(['idle'], { limit: 1_000 }), entries), AT);

  expect(failures(orders).map(([taskId, code]) => [taskId, code])).toEqual([['a', 'BUDGET_EXCEEDED']]);
  expect(assignments(orders)).toEqual([['b', 'slot-0']]);
});

test('a probe runs one task, and the next probe waits for its answer', () => {
  const entries = [waiter('a', 1), waiter('b', 2)];

  const probed = schedule.probe(crowd(floorOf(['busy', 'idle', 'idle']), entries), AT);
  const answered = seating.seatAnswered(probed.floor, 'slot-1').floor;

  expect(assignments(probed.orders)).toEqual([['a', 'slot-1']]);
  expect(schedule.probe(probed.floor, AT)).toEqual({ floor: probed.floor, orders: [] });
  expect(assignments(schedule.probe(answered, AT).orders)).toEqual([['b', 'slot-2']]);
});

test('a probe that the budget refuses leaves the probing to the next task', () => {
  const entries = [waiter('a', 1, { capMicros: 2_000 }), waiter('b', 2, { capMicros: 10 }), waiter('c', 3)];

  const { orders } = schedule.probe(crowd(floorOf(['idle', 'idle'], { limit: 1_000 }), entries), AT);

  expect(assignments(orders)).toEqual([['b', 'slot-0']]);
});

test('an attempt that ended turns its reservation into what it spent', () => {
  const running = schedule.dispatch(
    crowd(floorOf(['idle'], { limit: 1_000 }), [waiter('a', 1, { capMicros: 300 })]),
    AT,
  );

  const { floor, orders } = seating.settleAttempt(running.floor, settled('a', 120), 900);

  expect(floor).toMatchObject({
    ledger: { spent: 120, reserved: 0, settled: 1 },
    seats: [{ state: 'idle', tasks: 1, spent: 120, reserved: 0, taskId: undefined }],
  });
  expect(orders).toMatchObject([
    { event: { type: 'directory.deliver', taskId: 'a', event: { type: 'attempt.ended', parkedUntil: 900 } } },
  ]);
});

test('what a slot says of a task that it does not hold is ignored', () => {
  const floor = floorOf(['idle'], { limit: 1_000 });

  expect(seating.settleAttempt(floor, settled('a', 120))).toEqual({ floor, orders: [] });
});

test('a voided assignment gives the seat and the reservation back', () => {
  const before = crowd(floorOf(['idle'], { limit: 1_000 }), [waiter('a', 1, { capMicros: 300 })]);

  const { floor } = seating.voidAssignment(schedule.dispatch(before, AT).floor, 'slot-0', AT);

  expect(floor).toMatchObject({
    ledger: { spent: 0, reserved: 0, settled: 0 },
    seats: [{ state: 'idle', reserved: 0, taskId: undefined }],
  });
});

test('an assignment that was under way when its slot was lost comes back with its reservation', () => {
  const before = crowd(floorOf(['idle'], { limit: 1_000 }), [waiter('a', 1, { capMicros: 300 })]);
  const lost = seating.seatLost(schedule.dispatch(before, AT).floor, 'slot-0');

  const { floor, orders } = seating.settleAttempt(lost.floor, { ...settled('a', 0), ready: false });

  expect(floor).toMatchObject({ ledger: { reserved: 0 }, seats: [{ state: 'away', reserved: 0 }] });
  expect(deliveries(orders)).toEqual([['a', 'attempt.ended']]);
});

test.each([
  { way: 'settled', end: (floor: Floor) => seating.settleAttempt(floor, settled('a', 0)) },
  { way: 'voided', end: (floor: Floor) => seating.voidAssignment(floor, 'slot-0', AT) },
])('a slot that failed stays failed when the assignment that was under way is $way', ({ end }) => {
  const before = crowd(floorOf(['idle'], { limit: 1_000 }), [waiter('a', 1, { capMicros: 300 })]);
  const cause = { code: 'CRASHED', message: 'Killed.' };
  const busy = schedule.dispatch(before, AT).floor;

  const { floor } = end(seating.seatFailed(busy, { slotId: 'slot-0', failure: cause, at: AT }).floor);

  expect(floor).toMatchObject({ ledger: { reserved: 0 }, seats: [{ state: 'failed', taskId: undefined }] });
});

test('with the last slot go all who wait', () => {
  const floor = crowd(floorOf(['idle', 'failed']), [
    waiter('a', 1),
    waiter('b', 2, { slot: { id: 'slot-0' } }),
  ]);
  const cause = { code: 'CRASHED', message: 'Killed.' };

  const { floor: after, orders } = seating.seatFailed(floor, { slotId: 'slot-0', failure: cause, at: AT });

  expect(failures(orders).map(([taskId]) => taskId)).toEqual(['a', 'b']);
  expect(waiting(after)).toEqual([]);
  expect(hasUsableSeat(after)).toBe(false);
});

test('a pool that closes cancels who waits for a slot or a time, and sends home who is not busy', () => {
  const waiters = crowd(floorOf(['idle', 'busy', 'failed']), [
    waiter('a', 1),
    waiter('b', 2, { slot: { id: 'slot-1' } }),
  ]);
  const { floor } = setAlarm(waiters, { id: 'task-50', priority: -50, seq: 50 });

  const { floor: after, orders } = closing.close(floor, { at: AT, until: 90 });

  expect(deliveries(orders)).toEqual([
    ['a', 'task.cancel'],
    ['b', 'task.cancel'],
    ['task-50', 'task.cancel'],
  ]);
  expect(slotOrders(orders)).toEqual([
    ['slot-0', 'slot.drain'],
    ['slot-2', 'slot.drain'],
  ]);
  expect(waiting(after)).toEqual([]);
  expect(alarms(orders).at(-1)).toBe(90);
});

test('who still runs at the curfew is cancelled', () => {
  const { orders } = closing.dismissRunning(floorOf(['busy', 'idle', 'busy']), AT);

  expect(deliveries(orders)).toEqual([
    ['task-slot-0', 'task.cancel'],
    ['task-slot-2', 'task.cancel'],
  ]);
});

test('one who waits too long fails, and those who wait on keep their alarm', () => {
  const floor = crowd(floorOf(['busy']), [
    waiter('a', 1, { patienceMs: 10 }),
    waiter('b', 2, { patienceMs: 20 }),
    waiter('c', 3),
  ]);

  const early = schedule.expire(floor, AT + 9);
  const { floor: after, orders } = schedule.expire(floor, AT + 10);

  expect(early).toEqual({ floor, orders: [] });
  expect(failures(orders)).toEqual([
    [
      'a',
      'NO_SLOTS_AVAILABLE',
      'No slot was free within `slotWaitMs`. Add slots, or let the task wait longer.',
    ],
  ]);
  expect(alarms(orders)).toEqual([AT + 20]);
  expect(waiting(after).map(({ id, giveUpAt }) => [id, giveUpAt])).toEqual([
    ['b', AT + 20],
    ['c', undefined],
  ]);
});

test('no attempt starts while as many results wait for review as may', () => {
  const rules = { maxPendingReview: 2 };
  const floor = crowd(floorOf(['idle'], { rules, reviews: 1 }), [waiter('a', 1)]);

  const full = schedule.countReviews(floor, 1).floor;

  expect(schedule.dispatch(full, AT)).toEqual({ floor: full, orders: [] });
  expect(assignments(schedule.dispatch(schedule.countReviews(full, -1).floor, AT).orders)).toEqual([
    ['a', 'slot-0'],
  ]);
});

test('the slot of a task that may come back is held until the pool knows, and then free', () => {
  const running = schedule.dispatch(crowd(floorOf(['idle']), [waiter('a', 1, { holds: true })]), AT).floor;

  const { floor, orders } = seating.settleAttempt(running, settled('a', 1));
  const released = seating.seatReleased(floor, 'slot-0').floor;

  expect(orders).toMatchObject([{ event: { type: 'directory.deliver', releases: 'slot-0' } }]);
  expect([floor, released]).toMatchObject([{ seats: [{ state: 'held' }] }, { seats: [{ state: 'idle' }] }]);
});

test.each(['away', 'busy', 'failed', 'leaving'] as const)(
  'a slot that is %s is not freed by what it was held for',
  (state) => {
    const floor = floorOf([state]);

    expect(seating.seatReleased(floor, 'slot-0')).toEqual({ floor, orders: [] });
  },
);

test('a seat remembers the conversation that its last task left, and one that went wrong until its slot is rid of it', () => {
  const running = schedule.dispatch(crowd(floorOf(['idle']), [waiter('a', 1, { resume: 'talk' })]), AT).floor;

  const good = seating.settleAttempt(running, settled('a', 1)).floor;
  const bad = seating.settleAttempt(running, { ...settled('a', 1, CRASHED), ready: false }).floor;
  const cleared = seating.seatReady(bad, 'slot-0').floor;

  expect([running, good, bad, cleared].map(({ seats }) => seats[0]?.conversation)).toEqual([
    'talk',
    'session-a',
    'session-a',
    undefined,
  ]);
});

test('a report of a task that its seat does not hold changes nothing', () => {
  const floor = schedule.dispatch(crowd(floorOf(['idle']), [waiter('a', 1)]), AT).floor;

  expect(seating.settleAttempt(floor, settled('b', 7))).toEqual({ floor, orders: [] });
});

test('a task without a cap is held to its reservation where there is something to protect', () => {
  const caps = [{}, { limit: 1_000 }, { rules: { reservation: 300 } }].map((sketch) => {
    const { orders } = schedule.dispatch(crowd(floorOf(['idle'], sketch), [waiter('a', 1)]), AT);
    return orders.map(({ event }) => ('capMicros' in event ? event.capMicros : 'none'));
  });

  expect(caps).toEqual([['none'], [1_000], [300]]);
});

test('a slot that has spent its budget leaves nobody waiting for it', () => {
  const floor = crowd(floorOf([{ capMicros: 100 }, 'busy']), [
    waiter('a', 1, { slot: { id: 'slot-0' } }),
    waiter('b', 2, { slot: { id: 'slot-0' } }),
    waiter('c', 3, { slot: { id: 'slot-1' } }),
  ]);

  const { orders } = seating.settleAttempt(schedule.dispatch(floor, AT).floor, settled('a', 100));

  expect(failures(orders).map(([taskId, code]) => [taskId, code])).toEqual([['b', 'BUDGET_EXCEEDED']]);
});

test('a slot that gets a name may be asked for by it', () => {
  const floor = crowd(floorOf(['idle']), [waiter('a', 1, { slot: { name: 'Ada' } })]);

  const { floor: after, orders } = seating.configure(floor, {
    slotId: 'slot-0',
    identity: { name: 'Ada' },
    at: AT,
  });

  expect(slotOrders(orders)).toEqual([['slot-0', 'slot.configure']]);
  expect(assignments(schedule.dispatch(floor, AT).orders)).toEqual([]);
  expect(assignments(schedule.dispatch(after, AT).orders)).toEqual([['a', 'slot-0']]);
});
