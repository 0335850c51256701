import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextMatch } from '../../machines/match.ts';
import type { Floor, Seat } from '../../machines/floor.ts';
import type { TaskEntry } from '../../machines/task-types.ts';
import { crowd, floorOf, waiter } from './floor-stage.ts';

test('nobody is matched while no slot is free', () => {
  expect(match(floorOf(['busy', 'away', 'failed', 'retiring', 'leaving']), waiter('a', 1))).toBeUndefined();
});

test.each([
  ['the conversation of its last attempt', { recent: 'talk' }, { conversation: 'talk' }],
  ['the conversation that it continues', { resume: 'talk' }, { conversation: 'talk' }],
  ['its group', { group: 'chain' }, { group: 'chain' }],
  ['a process of its kind', { kind: 'plan' }, { kind: 'plan' }],
] as const)('a task prefers the slot with %s to one that is less used', (_what, wish, place) => {
  const floor = floorOf([{ tasks: 0 }, { tasks: 9, ...place }, { tasks: 1 }]);

  expect(match(floor, waiter('a', 1, wish))).toBe('slot-1');
});

test('a slot is chosen by conversation, then by group, then by kind, then by use', () => {
  const seats: readonly Partial<Seat>[] = [
    { tasks: 0, kind: 'other' },
    { tasks: 1, kind: 'other' },
    { tasks: 2, kind: 'plan' },
    { tasks: 3, kind: 'other', group: 'chain' },
    { tasks: 4, kind: 'other', conversation: 'talk' },
  ];
  const task = waiter('a', 1, { recent: 'talk', group: 'chain', kind: 'plan' });

  const chosen = seats.map((_, taken) => match(floorOf(seats.slice(0, seats.length - taken)), task));

  expect(chosen).toEqual(['slot-4', 'slot-3', 'slot-2', 'slot-0', 'slot-0']);
});

test.each(['busy', 'retiring', 'away', 'leaving'] as const)(
  'who continues a conversation waits while its slot is %s: no other process may have it',
  (state) => {
    const floor = floorOf([{ state, conversation: 'talk' }, 'idle']);

    expect(match(floor, waiter('a', 1, { resume: 'talk' }))).toBeUndefined();
  },
);

test('who continues a conversation takes any slot when the one that had it has failed', () => {
  const floor = floorOf([{ state: 'failed', conversation: 'talk' }, 'idle']);

  expect(match(floor, waiter('a', 1, { resume: 'talk' }))).toBe('slot-1');
});

test('a slot that is held takes nobody but its group', () => {
  const floor = floorOf([{ state: 'held', group: 'chain' }]);

  expect([
    match(floor, waiter('a', 1)),
    match(floor, waiter('a', 1, { group: 'other' })),
    match(floor, waiter('a', 1, { group: 'chain' })),
  ]).toEqual([undefined, undefined, 'slot-0']);
  expect(match(floorOf(['held']), waiter('a', 1))).toBeUndefined();
});

test.each([
  { budget: 'nothing', seat: { capMicros: 100, spent: 100 }, capMicros: undefined, takes: false },
  { budget: 'less than the cap', seat: { capMicros: 100, spent: 41 }, capMicros: 60, takes: false },
  { budget: 'the cap', seat: { capMicros: 100, spent: 40 }, capMicros: 60, takes: true },
  { budget: 'a little', seat: { capMicros: 100, spent: 99 }, capMicros: undefined, takes: true },
])(
  'a slot that has $budget left takes a task with a cap of $capMicros: $takes',
  ({ seat, capMicros, takes }) => {
    const task = waiter('a', 1, capMicros === undefined ? {} : { capMicros });

    expect(match(floorOf([seat]), task)).toBe(takes ? 'slot-0' : undefined);
  },
);

test('the task that comes first of all lanes is matched, if a free slot serves it', () => {
  const wish = fc.constantFrom(
    undefined,
    { id: 'slot-0' },
    { id: 'slot-1' },
    { name: 'Ada' },
    { role: 'tester' },
  );
  const task = fc.record({ priority: fc.integer({ min: 0, max: 2 }), slot: wish });
  const state = fc.constantFrom('idle', 'busy', 'away', 'failed' as const);
  fc.assert(
    fc.property(fc.array(task), fc.tuple(state, state, state), (sketches, [first, second, third]) => {
      const entries = sketches.map(({ priority, slot }, seq) =>
        waiter(`task-${seq}`, seq, { priority, ...(slot !== undefined && { slot }) }),
      );
      const seats = [
        { state: first },
        { state: second, identity: { name: 'Ada' } },
        { state: third, identity: { role: 'tester' } },
      ];
      const floor = floorOf(seats, { lanes: crowd(floorOf(['busy', 'busy', 'busy']), entries).lanes });

      const found = nextMatch(floor);

      const free = new Set([
        ...(first === 'idle' ? ['slot-0'] : []),
        ...(second === 'idle' ? ['slot-1', 'Ada'] : []),
        ...(third === 'idle' ? ['slot-2', 'tester'] : []),
      ]);
      const [expected] = entries
        .filter(({ slot }) =>
          slot === undefined ? free.size > 0 : Object.values(slot).some((name) => free.has(name)),
        )
        .toSorted((one, other) => other.priority - one.priority || one.seq - other.seq);
      expect(found?.entry.id).toBe(expected?.id);
    }),
  );
});

function match(floor: Floor, task: TaskEntry): string | undefined {
  return nextMatch(crowd(floor, [task]))?.seat.slotId;
}
