import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ring } from '../../machines/alarms.ts';
import { isTaken, openFloor } from '../../machines/floor.ts';
import type { Floor, Order, Seat, Step } from '../../machines/floor.ts';
import { openLedger } from '../../machines/budget.ts';
import { left, waiting } from '../../machines/lanes.ts';
import { inOrder } from '../../machines/queue.ts';
import { autoscale, rescale } from '../../machines/scaling.ts';
import * as schedule from '../../machines/schedule.ts';
import * as seating from '../../machines/seats.ts';
import { verdictOf } from '../../machines/verdict.ts';
import type { TaskEntry } from '../../machines/task-types.ts';
import { ANSWERED, CRASHED, reportOf } from './attempt.ts';
import { waiter } from './floor-stage.ts';

const LIMIT = 1_000;

const wish = fc.constantFrom(
  undefined,
  { id: 'slot-0' },
  { id: 'slot-9' },
  { name: 'Ada' },
  { role: 'tester' },
);
const task = fc.record(
  {
    priority: fc.integer({ min: 0, max: 2 }),
    slot: wish,
    capMicros: fc.constantFrom(1, 90, 700, 2_000),
    resume: fc.constantFrom('one', 'two'),
    group: fc.constantFrom('chain', 'graph'),
    kind: fc.constantFrom('plan', 'edit'),
    patienceMs: fc.integer({ min: 1, max: 20 }),
    holds: fc.constant(true as const),
  },
  { requiredKeys: ['priority', 'slot'] },
);
const which = fc.nat({ max: 5 });
const decision = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('enroll' as const), task }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constantFrom('dispatch' as const, 'probe' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('settle' as const),
      which,
      share: fc.integer({ min: 0, max: 100 }),
      isOk: fc.boolean(),
      ready: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('ready' as const, 'release' as const, 'void' as const),
      which,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom('lose' as const, 'fail' as const, 'remove' as const),
      which,
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('withdraw' as const), which: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 15 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('scale' as const), slots: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('configure' as const), which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('autoscale' as const) }) },
);
type Sketch = typeof task extends fc.Arbitrary<infer Value> ? Value : never;
type Decision = typeof decision extends fc.Arbitrary<infer Value> ? Value : never;

test('whatever is decided in whatever order, each task is in one place, and the budget holds', () => {
  fc.assert(
    fc.property(fc.array(decision, { minLength: 20, maxLength: 80, size: 'max' }), (decisions) => {
      let { floor, at } = { floor: opened(), at: 0 };
      const placed = new Map<string, Place>();

      for (const [seq, next] of decisions.entries()) {
        if (next.type === 'wait') at += next.ms;
        if (next.type === 'enroll') placed.set(`task-${seq}`, 'waiting');
        const before = floor;
        const step = decided(floor, next, { seq, at });
        floor = step.floor;
        const surprises = follow(placed, { before, step, next });

        expect(surprises).toEqual([]);
        expect(placesOn(floor)).toEqual(placesIn(placed));
        expect(brokenBooks(floor, step.orders)).toEqual([]);
      }

      const rested = schedule.dispatch(floor, at).floor;
      expect(schedule.dispatch(rested, at)).toEqual({ floor: rested, orders: [] });
    }),
    { numRuns: 300 },
  );
});

/** Three slots that are ready, one of them with a cap. */
function opened(): Floor {
  const autoscaling = { min: 1, max: 5, idleMs: 9 };
  const rules = { maxPendingReview: Infinity, breakAfter: 0, reservation: 100, autoscale: autoscaling };
  const slots = [{ name: 'Ada' }, { role: 'tester', capMicros: 300 }, {}];
  const floor = openFloor(slots, { ledger: openLedger(LIMIT), rules });
  return floor.seats.reduce((before, { slotId }) => seating.seatReady(before, slotId).floor, floor);
}

/** One decision, as the pool makes it. One that is meant for no seat in a fitting state changes nothing. */
function decided(
  floor: Floor,
  next: Decision,
  { seq, at }: { readonly seq: number; readonly at: number },
): Step {
  const seat = 'which' in next ? floor.seats[next.which % Math.max(1, floor.seats.length)] : undefined;
  const still = { floor, orders: [] };
  switch (next.type) {
    case 'enroll':
      return schedule.enroll(floor, entryOf(next.task, seq), at);
    case 'dispatch':
      return schedule.dispatch(floor, at);
    case 'probe':
      return schedule.probe(floor, at);
    case 'settle':
      return seat?.taskId === undefined ? still : settle(floor, { ...next, seat, taskId: seat.taskId, at });
    case 'ready':
      return seat?.state === 'away' ? seating.seatReady(floor, seat.slotId) : still;
    case 'release':
      return seat === undefined ? still : seating.seatReleased(floor, seat.slotId);
    case 'void':
      return seat?.taskId === undefined ? still : seating.voidAssignment(floor, seat.slotId, at);
    case 'lose':
      return seat === undefined ? still : seating.seatLost(floor, seat.slotId);
    case 'fail':
      return seat === undefined
        ? still
        : seating.seatFailed(floor, { slotId: seat.slotId, failure: CAUSE, at });
    case 'remove':
      return seat?.state === 'leaving' ? seating.withoutSeat(floor, seat.slotId) : still;
    case 'withdraw': {
      const waiters = waiting(floor);
      const entry = waiters[next.which % Math.max(1, waiters.length)];
      return entry === undefined ? still : left(floor, entry);
    }
    case 'wait':
      return schedule.expire(ring(floor, at).floor, at);
    case 'scale':
      return rescale(floor, next.slots, at);
    case 'configure':
      return seat === undefined
        ? still
        : seating.configure(floor, { slotId: seat.slotId, identity: { name: 'Ada' }, at });
    default:
      return autoscale(floor, at);
  }
}

const CAUSE = { code: 'CRASHED', message: 'Killed.' };

function settle(
  floor: Floor,
  {
    seat,
    taskId,
    share,
    isOk,
    ready,
    at,
  }: {
    readonly seat: Seat;
    readonly taskId: string;
    readonly share: number;
    readonly isOk: boolean;
    readonly ready: boolean;
    readonly at: number;
  },
): Step {
  const evidence = isOk ? ANSWERED : CRASHED;
  const report = reportOf(evidence, Math.floor((seat.reserved * share) / 100));
  const attempt = { slotId: seat.slotId, taskId, generation: 0, report, verdict: verdictOf(evidence) };
  return seating.settleAttempt(floor, {
    type: 'slot.settled',
    ...attempt,
    at,
    chance: 0.5,
    ready: ready && isOk,
  });
}

/** Notes where each task is by what was ordered. Who is given to a slot, or fails, was waiting until then. */
function follow(
  placed: Map<string, Place>,
  { before, step, next }: { readonly before: Floor; readonly step: Step; readonly next: Decision },
): readonly string[] {
  const surprises: string[] = [];
  for (const { event } of step.orders) {
    const isFailure = event.type === 'directory.deliver' && event.event.type === 'task.fail';
    const isAssignment = event.type === 'directory.assign';
    if ((isFailure || isAssignment) && placed.get(event.taskId) !== 'waiting')
      surprises.push(`${event.type} of ${event.taskId}, which is ${placed.get(event.taskId)}`);
    if (isAssignment) placed.set(event.taskId, 'seated');
    const isEnd = event.type === 'directory.deliver' && event.event.type === 'attempt.ended';
    if (isFailure || isEnd) placed.set(event.taskId, 'gone');
  }
  if (next.type !== 'void' && next.type !== 'withdraw') return surprises;
  const now = new Set(placesOn(step.floor).map(([id]) => id));
  for (const [id] of placesOn(before)) if (!now.has(id)) placed.set(id, 'gone');
  return surprises;
}

type Place = 'waiting' | 'seated' | 'gone';

function placesOn(floor: Floor): readonly (readonly [string, string])[] {
  const seated = floor.seats.flatMap(({ taskId }) => taskId ?? []);
  const places = [
    ...waiting(floor).map(({ id }) => [id, 'waiting'] as const),
    ...seated.map((id) => [id, 'seated'] as const),
  ];
  return places.toSorted(([one], [other]) => one.localeCompare(other));
}

function placesIn(placed: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  const places = [...placed].filter(([, place]) => place !== 'gone');
  return places.toSorted(([one], [other]) => one.localeCompare(other));
}

function brokenBooks(
  { ledger, seats, lanes, deadlines }: Floor,
  orders: readonly Order[],
): readonly string[] {
  const held = seats.reduce((sum, { reserved }) => sum + reserved, 0);
  const granted = orders.flatMap(({ event }) => (event.type === 'directory.assign' ? [event.slotId] : []));
  const passed = seats.filter(
    ({ slotId, capMicros = Infinity, spent, reserved }) =>
      granted.includes(slotId) && spent + reserved > capMicros,
  );
  const dues = Object.values(lanes).flatMap((lane) =>
    [...inOrder(lane)].filter(({ giveUpAt }) => giveUpAt !== undefined),
  );
  return [
    ...(held === ledger.reserved ? [] : [`${held} is held, ${ledger.reserved} reserved`]),
    ...(ledger.spent + ledger.reserved <= LIMIT
      ? []
      : [`${ledger.spent} + ${ledger.reserved} pass the limit`]),
    ...passed.map(({ slotId }) => `${slotId} was granted more than its cap`),
    ...seats.flatMap((seat) =>
      isTaken(seat) === (seat.taskId !== undefined) || seat.state === 'failed'
        ? []
        : [`${seat.slotId} is ${seat.state}`],
    ),
    ...(dues.length === [...inOrder(deadlines)].length ? [] : ['a deadline is lost or left']),
  ];
}

function entryOf({ slot, ...sketch }: Sketch, seq: number): TaskEntry {
  return waiter(`task-${seq}`, seq, { ...sketch, ...(slot !== undefined && { slot }) });
}
