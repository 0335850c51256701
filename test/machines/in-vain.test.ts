import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isUsable } from '../../machines/floor.ts';
import type { Floor, Seat } from '../../machines/floor.ts';
import { dismissVain, vainReason } from '../../machines/in-vain.ts';
import { joined, waiting } from '../../machines/lanes.ts';
import { configure } from '../../machines/seats.ts';
import type { TaskEntry } from '../../machines/task-types.ts';
import { AT, failures, floorOf, waiter } from './floor-stage.ts';

const NO_SLOTS = 'NO_SLOTS_AVAILABLE';
const SPENT = 'BUDGET_EXCEEDED';
const Ada = { identity: { name: 'Ada' } };

interface Case {
  readonly what: string;
  readonly seats: readonly (Seat['state'] | Partial<Seat>)[];
  readonly wish?: Partial<TaskEntry>;
  readonly code?: string;
}

test.each<Case>([
  { what: 'any slot, and one works', seats: ['busy', 'failed'] },
  { what: 'any slot, and one starts', seats: ['away'] },
  { what: 'any slot, and none works', seats: ['failed', 'retiring', 'leaving'], code: NO_SLOTS },
  { what: 'any slot, and there is none', seats: [], code: NO_SLOTS },
  { what: 'a slot by id that works', seats: ['busy', 'idle'], wish: { slot: { id: 'slot-0' } } },
  {
    what: 'a slot by id that failed',
    seats: ['failed', 'idle'],
    wish: { slot: { id: 'slot-0' } },
    code: NO_SLOTS,
  },
  {
    what: 'a slot by an id that nobody has',
    seats: ['idle'],
    wish: { slot: { id: 'slot-7' } },
    code: NO_SLOTS,
  },
  { what: 'a slot by a name that nobody has yet', seats: ['idle'], wish: { slot: { name: 'Ada' } } },
  { what: 'a slot by a role that nobody has yet', seats: ['idle'], wish: { slot: { role: 'tester' } } },
  {
    what: 'a slot by name, and none works',
    seats: [{ ...Ada, state: 'failed' }],
    wish: { slot: { name: 'Ada' } },
    code: NO_SLOTS,
  },
  {
    what: 'a slot by name, and only one that failed has it',
    seats: [{ ...Ada, state: 'failed' }, 'idle'],
    wish: { slot: { name: 'Ada' } },
    code: NO_SLOTS,
  },
  {
    what: 'a slot by name, and one of two that have it works',
    seats: [
      { ...Ada, state: 'failed' },
      { ...Ada, state: 'busy' },
    ],
    wish: { slot: { name: 'Ada' } },
  },
  { what: 'any slot, and all are spent', seats: [{ capMicros: 9, spent: 9 }], code: SPENT },
  { what: 'any slot, and one has something left', seats: [{ capMicros: 9, spent: 8 }] },
  {
    what: 'more than its slots have left',
    seats: [{ capMicros: 9, spent: 5 }],
    wish: { capMicros: 5 },
    code: SPENT,
  },
  {
    what: 'what a reservation may still free',
    seats: [{ capMicros: 9, reserved: 9 }],
    wish: { capMicros: 5 },
  },
  { what: 'any slot, and one of those that work has no cap', seats: [{ capMicros: 9, spent: 9 }, 'busy'] },
  {
    what: 'a slot by name that is spent',
    seats: [{ ...Ada, capMicros: 9, spent: 9 }, 'idle'],
    wish: { slot: { name: 'Ada' } },
    code: SPENT,
  },
])('who waits for $what is told: $code', ({ seats, wish, code }) => {
  expect(vainReason(floorOf(seats), waiter('a', 1, wish))?.code).toBe(code);
});

test('the reason names why the last slot failed', () => {
  const floor = floorOf(['failed'], { failure: { code: 'CLAUDE_AUTH', message: 'Not logged in.' } });

  expect(vainReason(floor, waiter('a', 1))?.message).toBe(
    'No slot is left that could run the task. Not logged in.',
  );
});

test('with the one slot of that name go those who asked for it by name, and nobody else', () => {
  const entries = [
    waiter('plain', 1),
    waiter('name', 2, { slot: { name: 'Ada' } }),
    waiter('role', 3, { slot: { role: 'tester' } }),
    waiter('other', 4, { slot: { name: 'Bob' } }),
  ];
  const gone: Seat = { ...seatOf(floorOf([Ada])), state: 'failed' };
  const floor = crowded(
    { ...floorOf([]), seats: [gone, ...floorOf(['idle', 'idle']).seats.slice(1)] },
    entries,
  );

  const { floor: after, orders } = dismissVain(floor, gone, AT);

  expect(failures(orders).map(([id, code]) => [id, code])).toEqual([['name', NO_SLOTS]]);
  expect(waiting(after).map(({ id }) => id)).toEqual(['plain', 'role', 'other']);
});

test('a namesake keeps those who asked for the name', () => {
  const [gone, other] = floorOf([
    { ...Ada, state: 'failed' },
    { ...Ada, state: 'busy' },
  ]).seats;
  const floor = crowded({ ...floorOf([]), seats: [gone, other].flatMap((seat) => seat ?? []) }, [
    waiter('a', 1, { slot: { name: 'Ada' } }),
  ]);

  expect(dismissVain(floor, seatOf(floor), AT)).toEqual({ floor, orders: [] });
});

test('who waits for a name is told when the last slot that works is given another, and one that failed has it', () => {
  const seats = floorOf([
    { ...Ada, state: 'busy' },
    { ...Ada, state: 'failed' },
  ]);
  const floor = crowded(seats, [waiter('a', 1, { slot: { name: 'Ada' } })]);

  const { floor: after, orders } = configure(floor, {
    slotId: 'slot-0',
    identity: { name: 'Bob' },
    at: AT,
  });

  expect(failures(orders).map(([id, code]) => [id, code])).toEqual([['a', NO_SLOTS]]);
  expect(waiting(after)).toEqual([]);
});

test('when the last slot without a cap is lost, those go for whom the others have too little', () => {
  const gone: Seat = { ...seatOf(floorOf(['idle'])), state: 'failed' };
  const [, capped] = floorOf(['idle', { capMicros: 5 }]).seats;
  const floor = crowded({ ...floorOf([]), seats: [gone, capped ?? gone] }, [
    waiter('dear', 1, { capMicros: 8 }),
    waiter('cheap', 2, { capMicros: 3 }),
  ]);

  const { orders } = dismissVain(floor, gone, AT);

  expect(failures(orders).map(([id, code]) => [id, code])).toEqual([['dear', SPENT]]);
});

test('whichever seat is lost or spent, nobody is left who waits in vain', () => {
  const state = fc.constantFrom('idle', 'busy', 'away', 'retiring', 'leaving', 'failed' as const);
  const seat = fc.record({
    state,
    identity: fc.constantFrom({}, { name: 'Ada' }, { role: 'tester' }),
    capMicros: fc.option(fc.constantFrom(5, 10), { nil: undefined }),
    spent: fc.constantFrom(0, 4, 10),
  });
  const task = fc.record({
    slot: fc.constantFrom(undefined, { id: 'slot-0' }, { id: 'slot-1' }, { name: 'Ada' }, { role: 'tester' }),
    capMicros: fc.constantFrom(undefined, 3, 8),
    giveUpAt: fc.constantFrom(undefined, 30),
  });
  fc.assert(
    fc.property(fc.array(seat, { minLength: 1, maxLength: 4 }), fc.array(task), (seats, sketches) => {
      const floor = floorOf(seats);
      const entries = sketches
        .map(({ slot, capMicros, giveUpAt }, seq) =>
          waiter(`task-${seq}`, seq, {
            ...(slot !== undefined && { slot }),
            ...(capMicros !== undefined && { capMicros }),
            ...(giveUpAt !== undefined && { giveUpAt }),
          }),
        )
        .filter((entry) => vainReason(floor, entry) === undefined);
      const seatsAfter = floor.seats.with(0, { ...seatOf(floor), state: 'failed' });
      const lost = { ...crowded(floor, entries), seats: seatsAfter };

      const { floor: after, orders } = dismissVain(lost, seatOf(lost), AT);

      expect(waiting(after).filter((entry) => vainReason(after, entry) !== undefined)).toEqual([]);
      expect(failures(orders).length + waiting(after).length).toBe(entries.length);
      expect(seatsAfter.some(isUsable) || waiting(after).length === 0).toBe(true);
    }),
    { numRuns: 500 },
  );
});

function crowded(floor: Floor, entries: readonly TaskEntry[]): Floor {
  return entries.reduce((before, entry) => joined(before, entry).floor, floor);
}

function seatOf({ seats }: Floor): Seat {
  const [seat] = seats;
  if (seat === undefined) throw new Error('Expected a floor with a seat.');
  return seat;
}
