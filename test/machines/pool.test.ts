import { fromTransition } from 'xstate';
import { expect, test } from 'vitest';
import { openLedger } from '../../machines/budget.ts';
import { poolMachine } from '../../machines/pool.ts';
import type { PoolContext, PoolEvent, PoolInput } from '../../machines/pool-types.ts';
import { inOrder } from '../../machines/queue.ts';
import { waiting } from '../../machines/lanes.ts';
import type { ChainInput } from '../../machines/chain-types.ts';
import { newSeat } from '../../machines/floor.ts';
import type { Seat } from '../../machines/floor.ts';
import { slotMachine } from '../../machines/slot.ts';
import { entryOf } from '../../machines/task.ts';
import type { TaskInput, TaskOptions } from '../../machines/task-types.ts';
import type { Evidence, Message } from '../../machines/types.ts';
import { coverage } from '../../src/testing/model/coverage.ts';
import { paths } from '../../src/testing/model/paths.ts';
import { silent } from '../../src/testing/model/silent.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { ANSWERED, CRASHED, endOf, RATE_LIMITED } from './attempt.ts';
import { POOL_INPUT } from './pool-stage.ts';

const CAP = 10;
const LATER = 1_000_000;
const ATTEMPTS = 2;
const GUEST_FAILED = { type: 'xstate.error.actor.guest', actorId: 'guest', error: 'Boom.' } as const;
const FAILURE = { code: 'CRASHED', message: 'Killed.' } as const;
const tasks = [taskOf('a', 1), taskOf('b', 2)];
const mate = taskOf('c', 3, { group: 'team' });
const small: PoolInput = { ...POOL_INPUT, budgetMicros: CAP };
const wide: PoolInput = { ...POOL_INPUT, slots: [{}, {}], budgetMicros: 2 * CAP };
const limited: PoolInput = {
  ...small,
  restored: {
    ledger: openLedger(CAP),
    slots: [],
    limit: { reason: 'rateLimited', message: 'Limit reached.', until: LATER, strikes: 1 },
    waiting: { entries: [], alarms: [], reviews: 0 },
    at: 0,
  },
};
const chain: ChainInput = {
  id: 'chain-1',
  seq: 9,
  steps: [],
  options: { onFailure: 'abort', session: 'chain' },
  submittedAt: 0,
};
const NO_SEAT = newSeat('slot-0');
const WORK: ReadonlySet<string> = new Set(['task.submit', 'slot.ready', 'slot.settled', 'assignment.voided']);
const message: Message = { id: 'message-1', from: 'you', to: 'slot-0', text: 'Mind the gap.', at: 0 };

/** A pool whose directory, slots and alarm say nothing by themselves. */
const machine = poolMachine.provide({
  actors: {
    alarm: silent,
    directory: fromTransition((state) => state, {}) as never,
    slot: slotMachine.provide({ actors: { session: silent } }),
  },
});
const walks = [
  ...paths(machine, { input: small, events: ({ context }) => eventsFor(context) }).map(walkOf(small)),
  ...paths(machine, { input: small, events: ({ context }) => householdEvents(context) }).map(walkOf(small)),
  ...paths(machine, {
    input: wide,
    events: ({ context }) => eventsFor(context).filter(({ type }) => WORK.has(type)),
  }).map(walkOf(wide)),
  ...paths(machine, { input: limited, events: ({ context }) => context.floor.seats.flatMap(seatEvents) }).map(
    walkOf(limited),
  ),
];

test('every transition of a pool lies on a generated path', () => {
  const { inspect, missing } = coverage(machine);

  for (const { input, path } of walks) {
    const { actor } = stage(machine, { input, inspect });
    for (const event of path) actor.send(event);
  }

  expect(missing()).toEqual([]);
});

test('on every path the ledger holds what the busy seats have reserved, within the budget', () => {
  for (const { input, path } of walks) {
    const { actor } = stage(machine, { input });
    for (const event of path) actor.send(event);

    const { ledger, seats } = actor.getSnapshot().context.floor;

    expect(ledger.reserved).toBe(seats.reduce((sum, { reserved }) => sum + reserved, 0));
    expect(ledger.spent + ledger.reserved).toBeLessThanOrEqual(input.budgetMicros ?? 0);
  }
});

/** What the tasks, the slots, the alarm and a caller could send in that state. */
function eventsFor(context: PoolContext): readonly PoolEvent[] {
  const { floor, limit } = context;
  if (floor.ledger.settled >= ATTEMPTS || (limit?.strikes ?? 0) > 1) return [];
  return [
    { type: 'pool.drain', at: 0 },
    { type: 'pool.drain', at: 0, until: 100 },
    { type: 'alarm.rang', at: 0 },
    { type: 'alarm.rang', at: LATER },
    ...tasks.flatMap((task) => taskEvents(context, task)),
    ...floor.seats.flatMap((seat) => seatEvents(seat)),
  ];
}

/** What there is to a pool beside its work, with one task that holds its seat. */
function householdEvents(context: PoolContext): readonly PoolEvent[] {
  const { floor } = context;
  const reviewed = floor.reviews === 0 ? 'review.opened' : 'review.closed';
  const [seat = NO_SEAT] = floor.seats;
  const always: readonly PoolEvent[] = [
    { type: 'pool.drain', at: 0 },
    { type: 'alarm.rang', at: LATER },
    { type: reviewed, taskId: 'c', at: 0 },
    { type: 'slot.released', slotId: 'slot-0', at: 0 },
    { type: 'slot.configure', slotId: 'slot-0', identity: { name: 'Ada' }, at: 0 },
    ...(isScalable(floor.seats) ? [{ type: 'pool.scale', slots: 1, at: 0 } as const] : []),
    ...seatEvents(seat),
  ];
  if (floor.ledger.settled >= 1) return always;
  return [
    ...always,
    GUEST_FAILED,
    { type: 'context.set', key: 'branch', value: 'main', at: 0 },
    { type: 'message.send', message, at: 0 },
    { type: 'chain.submit', input: chain, at: 0 },
    { type: 'chain.cancel', chainId: 'chain-1', at: 0 },
    { type: 'messages.read', slotId: 'slot-0', ids: ['message-1'], at: 0 },
    ...taskEvents(context, mate).filter(({ type }) => type !== 'task.deferred'),
  ];
}

/** Each slot that is started anew would make the paths longer. */
function isScalable(seats: readonly Seat[]): boolean {
  return seats.length === 1 && (seats[0]?.state === 'idle' || seats[0]?.state === 'leaving');
}

function taskEvents({ floor }: PoolContext, task: TaskInput): readonly PoolEvent[] {
  const entry = entryOf(task);
  const seat = floor.seats.find(({ taskId }) => taskId === task.id);
  if (seat !== undefined) return attemptEvents(seat.slotId, task.id);
  if (waiting(floor).some(({ id }) => id === task.id)) return [{ type: 'task.withdrawn', entry, at: 0 }];
  const alarm = [...inOrder(floor.alarms)].find(({ id }) => id === task.id);
  if (alarm !== undefined) return [{ type: 'task.recalled', entry: alarm, at: 0 }];
  return [
    { type: 'task.submit', input: task, at: 0 },
    { type: 'task.queued', entry, at: 0 },
    { type: 'task.deferred', entry: { ...entry, priority: -50 }, at: 0 },
  ];
}

function attemptEvents(slotId: string, taskId: string): readonly PoolEvent[] {
  const reason = { code: 'CANCELLED', message: 'Not wanted any more.' } as const;
  return [
    { type: 'task.tell', taskId, event: { type: 'task.cancel', at: 0, reason }, at: 0 },
    { type: 'attempt.cancelled', taskId, slotId, generation: 0, at: 0 },
    { type: 'assignment.voided', slotId, at: 0 },
    settled(slotId, taskId, { evidence: ANSWERED, spend: 0 }),
    settled(slotId, taskId, { evidence: ANSWERED, spend: CAP }),
    settled(slotId, taskId, { evidence: CRASHED, spend: 0 }),
    settled(slotId, taskId, { evidence: RATE_LIMITED, spend: 0 }),
  ];
}

function settled(
  slotId: string,
  taskId: string,
  { evidence, spend }: { readonly evidence: Evidence; readonly spend: number },
): PoolEvent {
  const ready = evidence === ANSWERED;
  return {
    type: 'slot.settled',
    slotId,
    taskId,
    generation: 0,
    ...endOf(evidence, spend),
    at: 0,
    chance: 0,
    ready,
  };
}

/** What a slot says may be under way still when it is told to go home. */
function seatEvents({ state, slotId, taskId }: Seat): readonly PoolEvent[] {
  const lost = { type: 'slot.lost', slotId, at: 0 } as const;
  const failed = { type: 'slot.failed', slotId, failure: FAILURE, at: 0 } as const;
  const stopped = { type: `xstate.done.actor.${slotId}`, actorId: slotId, output: { slotId } } as const;
  const ready = { type: 'slot.ready', slotId, at: 0 } as const;
  const answered = { type: 'slot.answered', slotId, at: 0 } as const;
  if (state === 'busy') return [lost, failed, answered];
  if (state === 'held') return [{ type: 'slot.released', slotId, at: 0 }, lost];
  if (state === 'idle') return [lost, failed, stopped, answered];
  if (state === 'failed') return taskId === undefined ? [stopped] : [];
  return [ready, lost, failed, stopped];
}

function walkOf(input: PoolInput) {
  return (path: readonly PoolEvent[]) => ({ input, path });
}

function taskOf(id: string, seq: number, options: TaskOptions = {}): TaskInput {
  return { id, prompt: 'Say hi.', seq, submittedAt: 0, options: { capMicros: CAP, ...options } };
}
