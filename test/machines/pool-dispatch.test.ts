import { expect, test } from 'vitest';
import type { PoolEvent } from '../../machines/pool-types.ts';
import { entryOf } from '../../machines/task-entry.ts';
import type { TaskInput, TaskOptions } from '../../machines/task-types.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { ANSWERED, CRASHED, RATE_LIMITED } from './attempt.ts';
import { LATER, mate, other, quietPool, settled, taskOf, wide } from './quiet-pool.ts';

/** Both slots run a task. */
const BUSY = [ready('slot-0'), ready('slot-1'), submitted(mate), submitted(other)];
/** One slot is held, in the conversation `session-a`. */
const HELD = [...BUSY, settled('slot-0', 'c', { evidence: ANSWERED, spend: 0 })];
const ANSWER = settled('slot-1', 'b', { evidence: ANSWERED, spend: 0 });
const LIMIT = settled('slot-1', 'b', { evidence: RATE_LIMITED, spend: 0 });
const REOPEN: PoolEvent = { type: 'alarm.rang', at: LATER };

const waits: readonly {
  readonly event: PoolEvent;
  readonly start: readonly PoolEvent[];
  readonly arrivals: readonly PoolEvent[];
  readonly before: readonly string[];
  readonly after: readonly string[];
}[] = [
  {
    event: submitted(task('d')),
    start: HELD,
    arrivals: [],
    before: ['held', 'idle'],
    after: ['held', 'd'],
  },
  {
    event: withdrawn(task('dear', { capMicros: 15 })),
    start: BUSY,
    arrivals: [submitted(task('dear', { capMicros: 15 })), submitted(task('d'))],
    before: ['c', 'idle'],
    after: ['c', 'd'],
  },
  {
    event: ready('slot-1'),
    start: HELD,
    arrivals: [{ type: 'slot.lost', slotId: 'slot-1', at: LATER }, submitted(task('d'))],
    before: ['held', 'away'],
    after: ['held', 'd'],
  },
  {
    event: { type: 'slot.released', slotId: 'slot-0', at: LATER },
    start: HELD,
    arrivals: [submitted(task('d', { slot: { id: 'slot-0' } }))],
    before: ['held', 'idle'],
    after: ['d', 'idle'],
  },
  {
    event: { type: 'slot.configure', slotId: 'slot-1', identity: { name: 'Ada' }, at: LATER },
    start: HELD,
    arrivals: [submitted(task('d', { slot: { name: 'Ada' } }))],
    before: ['held', 'idle'],
    after: ['held', 'd'],
  },
  {
    event: review('closed'),
    start: HELD,
    arrivals: [review('opened'), submitted(task('d'))],
    before: ['held', 'idle'],
    after: ['held', 'd'],
  },
  {
    event: { type: 'assignment.voided', slotId: 'slot-1', at: LATER },
    start: HELD,
    arrivals: [submitted(task('d')), submitted(task('e'))],
    before: ['held', 'd'],
    after: ['held', 'e'],
  },
  {
    event: { type: 'slot.lost', slotId: 'slot-0', at: LATER },
    start: HELD,
    arrivals: [submitted(task('d', { session: { resume: 'session-a' } }))],
    before: ['held', 'idle'],
    after: ['away', 'd'],
  },
];

test.each(waits)('$event.type gives a slot to a task that waits for it', (wait) => {
  const { send, seats } = house([...wait.start, ANSWER, ready('slot-1'), ...wait.arrivals]);
  const before = seats();

  send(wait.event);

  expect([before, seats()]).toEqual([wait.before, wait.after]);
});

test.each(waits)('$event.type gives a slot to a task that probes a limit', (wait) => {
  const { send, seats } = house([...wait.start, LIMIT, ready('slot-1'), REOPEN, ...wait.arrivals]);
  const before = seats();

  send(wait.event);

  expect([before, seats()]).toEqual([wait.before, wait.after]);
});

test('a probe that ends badly, but not by the limit, leaves the probing to the next task', () => {
  const { send, seats } = house([...HELD, LIMIT, REOPEN, submitted(task('d')), submitted(task('e'))]);
  send({ type: 'slot.released', slotId: 'slot-0', at: LATER });
  send(ready('slot-1'));
  const before = seats();

  send(settled('slot-0', 'd', { evidence: CRASHED, spend: 0 }));

  expect([before, seats()]).toEqual([
    ['d', 'idle'],
    ['away', 'e'],
  ]);
});

test.each([
  { event: queued(task('d')), arrivals: [], after: ['held', 'd'] },
  { event: withdrawn(task('d')), arrivals: [submitted(task('d'))], after: ['held', 'idle'] },
  { event: review('closed'), arrivals: [review('opened'), submitted(task('d'))], after: ['held', 'd'] },
])('$event.type counts also while the pool is parked', ({ event, arrivals, after }) => {
  const { send, seats } = house([...HELD, LIMIT, ready('slot-1'), ...arrivals]);
  send(event);
  const parked = seats();

  send(REOPEN);

  expect([parked, seats()]).toEqual([['held', 'idle'], after]);
});

test('an assignment that comes back while the pool is parked frees its slot, and what was set aside', () => {
  const { send, seats, reserved } = house([...BUSY, LIMIT]);
  const before = [seats(), reserved()];

  send({ type: 'assignment.voided', slotId: 'slot-0', at: 0 });

  expect([before, seats(), reserved()]).toEqual([[['c', 'away'], 10], ['idle', 'away'], 0]);
});

test('a slot whose assignment comes back while the pool drains goes home', () => {
  const { send, seats } = house([...BUSY, { type: 'pool.drain', at: 0 }]);
  const before = seats();

  send({ type: 'assignment.voided', slotId: 'slot-0', at: 0 });

  expect([before, seats()]).toEqual([
    ['c', 'b'],
    ['leaving', 'b'],
  ]);
});

test.each([
  { pending: 'cancel', until: 100 },
  { pending: 'keep', until: 100 },
  { pending: 'cancel' },
] as const)('an alarm that rings before the curfew of a drain ends nothing ($pending, $until)', (drain) => {
  const { send, seats, heard } = house([...BUSY, { type: 'pool.drain', at: 0, ...drain }]);
  const before = heard();

  send({ type: 'alarm.rang', at: 99 });

  expect([heard(), seats()]).toEqual([before, ['c', 'b']]);
});

test('a pool that drains starts no slot', () => {
  const { send, seats } = house([...BUSY, { type: 'pool.drain', at: 0 }]);

  send({ type: 'pool.scale', slots: 3, at: 0 });

  expect(seats()).toEqual(['c', 'b']);
});

/** A quiet pool after those events. A seat is shown as the task on it, or as its state. */
function house(events: readonly PoolEvent[]) {
  const rules = { maxPendingReview: 1, breakAfter: 0 };
  const { actor } = stage(quietPool, { input: { ...wide, rules } });
  const floor = () => actor.getSnapshot().context.floor;
  for (const event of events) actor.send(event);
  return {
    send: (event: PoolEvent): void => actor.send(event),
    seats: () => floor().seats.map(({ taskId, state }) => taskId ?? state),
    reserved: () => floor().ledger.reserved,
    /** What the directory was told. */
    heard: (): unknown => actor.getSnapshot().children.directory?.getSnapshot().context,
  };
}

function task(id: string, options: TaskOptions = {}): TaskInput {
  return taskOf(id, 9, options);
}

function ready(slotId: string): PoolEvent {
  return { type: 'slot.ready', slotId, at: 0 };
}

function submitted(input: TaskInput): PoolEvent {
  return { type: 'task.submit', input, at: 0 };
}

function queued(input: TaskInput): PoolEvent {
  return { type: 'task.queued', entry: entryOf(input), at: 0 };
}

function withdrawn(input: TaskInput): PoolEvent {
  return { type: 'task.withdrawn', entry: entryOf(input), at: 0 };
}

function review(change: 'opened' | 'closed'): PoolEvent {
  return { type: `review.${change}`, taskId: 'c', at: 0 };
}
