import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dequeued, enqueued, head, inOrder, precedes } from '../../machines/queue.ts';
import type { Queue, QueueEntry } from '../../machines/queue.ts';

const entries = fc
  .array(fc.integer({ min: -3, max: 3 }), { maxLength: 60 })
  .map((priorities) => priorities.map((priority, seq) => ({ id: `task-${seq}`, priority, seq })));

const shuffled = entries.chain((list) =>
  fc
    .shuffledSubarray(list, { minLength: list.length, maxLength: list.length })
    .chain((order) => fc.record({ order: fc.constant(order), leaving: fc.subarray(order) })),
);

test('a queue holds its entries by priority and then by submission, whatever the order they came in', () => {
  fc.assert(
    fc.property(shuffled, ({ order }) => {
      const queue = queueOf(order);

      expect([...inOrder(queue)]).toEqual(sorted(order));
      expect(head(queue)).toEqual(sorted(order)[0]);
    }),
  );
});

test('an entry that leaves takes no other with it', () => {
  fc.assert(
    fc.property(shuffled, ({ order, leaving }) => {
      const rest = leaving.reduce<Queue>((queue, entry) => dequeued(queue, entry), queueOf(order));

      expect([...inOrder(rest)]).toEqual(sorted(order.filter((entry) => !leaving.includes(entry))));
    }),
  );
});

test('an old version of a queue stays as it was', () => {
  fc.assert(
    fc.property(shuffled, ({ order, leaving }) => {
      const old = queueOf(order);
      const before = [...inOrder(old)];

      for (const entry of leaving) dequeued(old, entry);
      enqueued(old, { id: 'late', priority: 0, seq: 1_000 });

      expect([...inOrder(old)]).toEqual(before);
    }),
  );
});

test('queues of the same entries are equal, whatever the order they came in', () => {
  fc.assert(
    fc.property(shuffled, ({ order }) => {
      expect(queueOf(order)).toEqual(queueOf(sorted(order)));
    }),
  );
});

test('a queue without the wanted entry stays the same queue', () => {
  const queue = queueOf([waiter(0, 1), waiter(1, 0)]);

  expect(dequeued(queue, { priority: 1, seq: 1 })).toBe(queue);
  expect(dequeued(undefined, { priority: 1, seq: 1 })).toBeUndefined();
});

test('taking the head again and again gives the waiting order', () => {
  fc.assert(
    fc.property(shuffled, ({ order }) => {
      const taken: QueueEntry[] = [];
      let queue = queueOf(order);

      for (let next = head(queue); next !== undefined; next = head(queue)) {
        taken.push(next);
        queue = dequeued(queue, next);
      }

      expect(taken).toEqual(sorted(order));
    }),
  );
});

test.each([
  { shape: 'submitted in order', priorityOf: () => 0 },
  { shape: 'each more urgent than the one before', priorityOf: (seq: number) => seq },
  { shape: 'each less urgent than the one before', priorityOf: (seq: number) => -seq },
])('a queue of 100,000 tasks $shape stays shallow', ({ priorityOf }) => {
  const list = Array.from({ length: 100_000 }, (_, seq) => waiter(priorityOf(seq), seq));

  const queue = queueOf(list);

  expect(depthOf(queue)).toBeLessThan(70);
  expect([...inOrder(queue)]).toHaveLength(100_000);
});

test('precedence is a strict order', () => {
  expect(precedes(waiter(1, 5), waiter(0, 1))).toBe(true);
  expect(precedes(waiter(0, 1), waiter(0, 5))).toBe(true);
  expect(precedes(waiter(0, 5), waiter(0, 5))).toBe(false);
});

function waiter(priority: number, seq: number): QueueEntry {
  return { id: `task-${seq}`, priority, seq };
}

function queueOf(list: readonly QueueEntry[]): Queue {
  return list.reduce<Queue>((queue, next) => enqueued(queue, next), undefined);
}

function sorted(list: readonly QueueEntry[]): readonly QueueEntry[] {
  return list.toSorted((left, right) => right.priority - left.priority || left.seq - right.seq);
}

function depthOf(queue: Queue): number {
  return queue === undefined ? 0 : 1 + Math.max(depthOf(queue.before), depthOf(queue.after));
}
