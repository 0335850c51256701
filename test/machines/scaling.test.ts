import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ring } from '../../machines/alarms.ts';
import { isUsable } from '../../machines/floor.ts';
import type { Autoscale, Floor, Seat } from '../../machines/floor.ts';
import { autoscale, rescale } from '../../machines/scaling.ts';
import { dispatch } from '../../machines/schedule.ts';
import { settleAttempt, voidAssignment } from '../../machines/seats.ts';
import { AT, alarms, crowd, failures, floorOf, settled, slotOrders, waiter } from './floor-stage.ts';

const BOUNDS: Autoscale = { min: 1, max: 4, idleMs: 100 };

test('a pool grows by slots that it starts, with the lowest ids that are free', () => {
  const floor = floorOf(['idle', 'idle', 'idle']);
  const gap: Floor = { ...floor, seats: floor.seats.filter(({ slotId }) => slotId !== 'slot-1') };

  const { floor: after, orders } = rescale(gap, 4, AT);

  expect(slotOrders(orders)).toEqual([
    ['slot-1', 'slot.open'],
    ['slot-3', 'slot.open'],
  ]);
  expect(states(after)).toEqual({ 'slot-0': 'idle', 'slot-1': 'away', 'slot-2': 'idle', 'slot-3': 'away' });
});

test('a pool has no slot that leaves in mind when it grows, and does not use its id', () => {
  const { floor, orders } = rescale(floorOf(['leaving', 'retiring', 'idle']), 2, AT);

  expect(slotOrders(orders)).toEqual([['slot-3', 'slot.open']]);
  expect(floor.seats.filter(isUsable).map(({ slotId }) => slotId)).toEqual(['slot-2', 'slot-3']);
});

test('of too many slots those go first that are not started, then idle ones, then those with a past, then busy ones', () => {
  const seats: readonly Partial<Seat>[] = [
    { state: 'busy' },
    { state: 'idle', identity: { name: 'Ada' } },
    { state: 'idle', conversation: 'talk' },
    { state: 'idle', tasks: 3 },
    { state: 'idle', tasks: 1 },
    { state: 'away' },
  ];

  const goers = [5, 4, 3, 2, 1, 0].map((target) => {
    const { floor } = rescale(floorOf(seats), target, AT);
    return floor.seats.filter((seat) => !isUsable(seat)).map(({ slotId }) => slotId);
  });

  expect(goers).toEqual([
    ['slot-5'],
    ['slot-4', 'slot-5'],
    ['slot-3', 'slot-4', 'slot-5'],
    ['slot-2', 'slot-3', 'slot-4', 'slot-5'],
    ['slot-1', 'slot-2', 'slot-3', 'slot-4', 'slot-5'],
    ['slot-0', 'slot-1', 'slot-2', 'slot-3', 'slot-4', 'slot-5'],
  ]);
});

test.each([
  { way: 'settled', end: (floor: Floor) => settleAttempt(floor, settled('a', 70)), spent: 70 },
  { way: 'voided', end: (floor: Floor) => voidAssignment(floor, 'slot-0', AT), spent: 0 },
])('B18: a busy slot that is to go takes no more, and goes when its assignment is $way', ({ end, spent }) => {
  const busy = dispatch(crowd(floorOf(['idle'], { limit: 100 }), [waiter('a', 1)]), AT).floor;

  const retired = rescale(busy, 0, AT);
  const { floor, orders } = end(retired.floor);

  expect([states(retired.floor), slotOrders(retired.orders)]).toEqual([{ 'slot-0': 'retiring' }, []]);
  expect([states(floor), slotOrders(orders)]).toEqual([{ 'slot-0': 'leaving' }, [['slot-0', 'slot.drain']]]);
  expect(floor.ledger).toMatchObject({ spent, reserved: 0 });
});

test('scaling on a caller’s word replaces slots that have failed', () => {
  const { floor, orders } = rescale(floorOf(['failed', 'idle']), 2, AT);

  expect(slotOrders(orders)).toEqual([
    ['slot-0', 'slot.drain'],
    ['slot-2', 'slot.open'],
  ]);
  expect(states(floor)).toEqual({ 'slot-0': 'leaving', 'slot-1': 'idle', 'slot-2': 'away' });
});

test('a slot that takes the place of one that failed has its name, role and budget, the named ones first', () => {
  const ada = { name: 'Ada', role: 'reviewer' };
  const seats: readonly Partial<Seat>[] = [
    { state: 'failed', tasks: 9 },
    { state: 'failed', identity: ada, capMicros: 100, spent: 40, tasks: 3 },
    { state: 'idle' },
  ];

  const { floor, orders } = rescale(floorOf(seats), 2, AT);

  expect(orders.at(-1)).toMatchObject({ to: 'house', event: { slotId: 'slot-3', identity: ada } });
  expect(floor.seats.at(-1)).toMatchObject({ identity: ada, capMicros: 100, spent: 40, tasks: 0 });
});

test('a slot that failed with an assignment under way keeps its seat until that is back', () => {
  const { floor } = rescale(floorOf([{ state: 'failed', taskId: 'a', reserved: 5 }, 'idle']), 2, AT);

  expect(floor.seats).toMatchObject([{ state: 'failed', taskId: 'a' }, { state: 'idle' }, { state: 'away' }]);
});

test('who waits for the slot that goes, and for no other, fails', () => {
  const floor = crowd(floorOf(['idle', { identity: { name: 'Ada' } }]), [
    waiter('any', 1),
    waiter('id', 2, { slot: { id: 'slot-0' } }),
    waiter('name', 3, { slot: { name: 'Ada' } }),
  ]);

  const { orders } = rescale(floor, 1, AT);

  expect(failures(orders).map(([taskId, code]) => [taskId, code])).toEqual([['id', 'NO_SLOTS_AVAILABLE']]);
});

test('with a queue a pool grows at once, up to its most', () => {
  const grown = [1, 2, 9].map((waiters) => {
    const floor = crowd(scaled(['busy']), tasks(waiters));
    return slotOrders(autoscale(floor, AT).orders).length;
  });

  expect(grown).toEqual([1, 2, 3]);
});

test('a pool with too little work shrinks when that has lasted, to what the work needs', () => {
  const before = autoscale(scaled(['busy', 'idle', 'idle', 'busy']), 10);
  const early = autoscale(before.floor, 109);
  const late = autoscale(ring(before.floor, 110).floor, 110);

  expect(alarms(before.orders)).toEqual([110]);
  expect(early).toEqual({ floor: before.floor, orders: [] });
  expect(slotOrders(late.orders)).toEqual([
    ['slot-1', 'slot.drain'],
    ['slot-2', 'slot.drain'],
  ]);
});

test('work that comes back in time ends the surplus and its alarm', () => {
  const idle = autoscale(scaled(['idle', 'idle']), 10).floor;

  const { floor, orders } = autoscale(crowd(idle, tasks(2)), 50);

  expect([floor.surplusSince, floor.alarms]).toEqual([undefined, undefined]);
  expect(orders).toEqual([{ to: 'alarm', event: { type: 'alarm.clear' } }]);
});

test('a slot that has failed keeps its place among the most, and is not started again', () => {
  const floor = crowd(scaled(['failed', 'failed', 'busy']), tasks(9));

  const { orders } = autoscale(floor, AT);

  expect(slotOrders(orders)).toEqual([['slot-3', 'slot.open']]);
});

test('slots that have failed do not make those that work go', () => {
  const bounds: Autoscale = { min: 1, max: 2, idleMs: 100 };
  const floor = scaled(['failed', 'failed', 'idle'], bounds);

  const { floor: after, orders } = autoscale(autoscale(floor, 10).floor, 200);

  expect([states(after)['slot-2'], slotOrders(orders)]).toEqual(['idle', []]);
});

test('a pool that follows its work stays within its bounds, keeps a slot, and comes to rest', () => {
  const state = fc.constantFrom('idle', 'busy', 'away', 'failed', 'retiring', 'leaving' as const);
  const bounds = fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 4 }))
    .map(([min, more]): Autoscale => ({ min, max: min + more, idleMs: 100 }));
  fc.assert(
    fc.property(
      fc.array(state, { minLength: 1, maxLength: 8 }),
      bounds,
      fc.nat({ max: 10 }),
      (seats, rule, waiters) => {
        const usable = floorOf(seats).seats.filter(isUsable).length;
        const floor = { ...scaled(seats, rule), lanes: crowd(floorOf(['busy']), tasks(waiters)).lanes };

        const calm = autoscale(autoscale(floor, 10).floor, 200).floor;

        const after = calm.seats.filter(isUsable).length;
        const failed = calm.seats.filter((seat) => seat.state === 'failed').length;
        expect(after).toBeGreaterThanOrEqual(Math.min(1, usable));
        expect(after).toBeLessThanOrEqual(Math.max(rule.max - failed, Math.min(1, usable)));
        expect(slotOrders(autoscale(autoscale(calm, 300).floor, 900).orders)).toEqual([]);
      },
    ),
  );
});

function scaled(seats: readonly (Seat['state'] | Partial<Seat>)[], bounds = BOUNDS): Floor {
  return floorOf(seats, { rules: { autoscale: bounds } });
}

function tasks(count: number) {
  return Array.from({ length: count }, (_, seq) => waiter(`task-${seq}`, seq));
}

function states({ seats }: Floor): Readonly<Record<string, Seat['state']>> {
  return Object.fromEntries(seats.map(({ slotId, state }) => [slotId, state]));
}
