import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { joined, laneOf, left, waiting } from '../../machines/lanes.ts';
import { inOrder } from '../../machines/queue.ts';
import { alarms, floorOf, waiter } from './floor-stage.ts';

const entries = fc
  .array(
    fc.record({
      priority: fc.integer({ min: 0, max: 2 }),
      slot: fc.option(fc.constantFrom({ id: 'slot-0' }, { name: 'Ada' }, { role: 'tester' }), {
        nil: undefined,
      }),
      resume: fc.option(fc.constantFrom('one', 'two'), { nil: undefined }),
      giveUpAt: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    }),
  )
  .map((sketches) =>
    sketches.map(({ priority, slot, resume, giveUpAt }, seq) =>
      waiter(`task-${seq}`, seq, {
        priority,
        ...(slot !== undefined && { slot }),
        ...(resume !== undefined && { resume }),
        ...(giveUpAt !== undefined && { giveUpAt }),
      }),
    ),
  );

test('tasks that can wait for the same slots wait in the same lane', () => {
  expect(laneOf(waiter('a', 1, { priority: 3, group: 'g', kind: 'k' }))).toBe(laneOf(waiter('b', 2)));
  expect(laneOf(waiter('a', 1, { slot: { name: 'Ada' } }))).toBe(
    laneOf(waiter('b', 2, { slot: { name: 'Ada' } })),
  );
  expect(laneOf(waiter('a', 1, { slot: { name: 'Ada' } }))).not.toBe(
    laneOf(waiter('b', 2, { slot: { role: 'Ada' } })),
  );
  expect(laneOf(waiter('a', 1, { resume: 'one' }))).not.toBe(laneOf(waiter('b', 2, { slot: { id: 'one' } })));
});

test('each task waits once, in its lane and with its deadline', () => {
  fc.assert(
    fc.property(entries, (tasks) => {
      const floor = tasks.reduce((before, entry) => joined(before, entry).floor, floorOf([]));

      expect(byId(waiting(floor))).toEqual(byId(tasks));
      expect([...inOrder(floor.deadlines)].map(({ priority }) => -priority)).toEqual(
        tasks.flatMap(({ giveUpAt = [] }) => giveUpAt).toSorted((one, other) => one - other),
      );
    }),
  );
});

test('when all have left, in whatever order, no lane, deadline or alarm is left', () => {
  fc.assert(
    fc.property(
      entries.chain((tasks) =>
        fc.tuple(fc.constant(tasks), fc.shuffledSubarray(tasks, { minLength: tasks.length })),
      ),
      ([tasks, leavers]) => {
        const crowded = tasks.reduce((before, entry) => joined(before, entry).floor, floorOf([]));

        const empty = leavers.reduce((before, entry) => left(before, withoutDeadline(entry)).floor, crowded);

        expect(empty).toEqual(floorOf([]));
      },
    ),
  );
});

test('one who does not wait changes nothing by leaving', () => {
  const { floor } = joined(floorOf([]), waiter('a', 1, { giveUpAt: 9 }));

  expect(left(floor, waiter('b', 2))).toEqual({ floor, orders: [] });
});

test('the alarm is set for the first who gives up, and for the next when he has left', () => {
  const first = waiter('a', 1, { giveUpAt: 9 });
  const joinedFirst = joined(floorOf([]), first);
  const joinedBoth = joined(joinedFirst.floor, waiter('b', 2, { giveUpAt: 12 }));

  const orders = [joinedFirst, joinedBoth, left(joinedBoth.floor, first)].map((step) => alarms(step.orders));

  expect(orders).toEqual([[9], [], [12]]);
});

/** A task that leaves does not know until when it would have waited. */
function withoutDeadline<Entry extends { readonly giveUpAt?: number }>({
  giveUpAt: _giveUpAt,
  ...entry
}: Entry) {
  return entry;
}

function byId<Item extends { readonly id: string }>(items: readonly Item[]): readonly Item[] {
  return items.toSorted((one, other) => one.id.localeCompare(other.id));
}
