import { createActor } from 'xstate';
import type { EventObject, Snapshot } from 'xstate';
import { expect, test } from 'vitest';
import { newSeat } from '../../machines/floor.ts';
import type { Seat } from '../../machines/floor.ts';
import { waiting } from '../../machines/lanes.ts';
import type { PoolContext, PoolEvent, PoolInput } from '../../machines/pool-types.ts';
import { inOrder } from '../../machines/queue.ts';
import { entryOf } from '../../machines/task-entry.ts';
import type { TaskInput } from '../../machines/task-types.ts';
import { coverage } from '../../src/testing/model/coverage.ts';
import { notebook } from '../../src/testing/model/notebook.ts';
import { paths } from '../../src/testing/model/paths.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { ANSWERED, CRASHED, RATE_LIMITED } from './attempt.ts';
import {
  cancelChain,
  CAP,
  endOf,
  FAILURE,
  LATER,
  limited,
  mate,
  message,
  one,
  other,
  quietPool,
  settled,
  small,
  submitChain,
  wide,
} from './quiet-pool.ts';

const GUEST_FAILED = { type: 'xstate.error.actor.guest', actorId: 'guest', error: 'Boom.' } as const;
const NO_SEAT = newSeat('slot-0');
const drains: readonly PoolEvent[] = [
  { type: 'pool.drain', at: 0 },
  { type: 'pool.drain', at: 0, until: 100 },
  { type: 'pool.drain', at: 0, until: 100, pending: 'keep' },
];
const changes: readonly PoolEvent[] = [
  { type: 'slot.configure', slotId: 'slot-0', identity: { name: 'Ada' }, at: 0 },
  { type: 'context.set', key: 'branch', value: 'main', at: 0 },
];
const WORK: ReadonlySet<string> = new Set(['task.submit', 'slot.ready', 'slot.settled', 'assignment.voided']);

const walks = [
  ...walksOf(small, (context) => workEvents(context, { tasks: [one], attempts: 2 })),
  ...walksOf(small, (context) => workEvents(context, { tasks: [one, other], attempts: 1 })),
  ...walksOf(small, (context) => [...drains, ...workEvents(context, { tasks: [one], attempts: 1 })]),
  ...walksOf(small, householdEvents),
  ...walksOf(wide, (context) =>
    workEvents(context, { tasks: [one, other], attempts: 2 }).filter(({ type }) => WORK.has(type)),
  ),
  ...walksOf(limited, ({ floor }) => floor.seats.flatMap(seatEvents)),
];

/** By path: most paths go on from another. */
const lives = new Map<string, Life>();
const { inspect, missing } = coverage(quietPool);
const walked = walks.map(({ input, path }) => {
  const { actor, told } = stage(quietPool, { input, inspect });
  for (const event of path) actor.send(event);
  return { input, path, end: endOf(actor, told()) };
});

test('every transition of a pool lies on a generated path', () => {
  expect(missing()).toEqual([]);
});

test('on every path the ledger holds what the busy seats have reserved, within the budget', () => {
  for (const { input, end } of walked) {
    const { ledger, seats } = end.context.floor;

    expect(ledger.reserved).toBe(seats.reduce((sum, { reserved }) => sum + reserved, 0));
    expect(ledger.spent + ledger.reserved).toBeLessThanOrEqual(input.budgetMicros ?? 0);
  }
});

test('a pool that is restored from its record between any two events ends as one that stayed live', () => {
  for (const { input, path, end } of walked) expect(restored(input, path).end).toEqual(end);
});

interface Life {
  readonly record: string;
  readonly told: readonly EventObject[];
  readonly end: ReturnType<typeof endOf>;
}

/** Walks a path with a new actor for every event, made from the record that the event before has left. */
function restored(input: PoolInput, path: readonly PoolEvent[]): Life {
  const key = JSON.stringify([input, path]);
  const known = lives.get(key);
  if (known !== undefined) return known;
  const event = path.at(-1);
  const before = event && restored(input, path.slice(0, -1));
  const parent = notebook();
  const snapshot: Snapshot<unknown> | undefined = before && JSON.parse(before.record);
  const actor = createActor(quietPool, { parent, id: 'pool', input, ...(snapshot && { snapshot }) }).start();
  if (event !== undefined) actor.send(event);
  const told = [...(before?.told ?? []), ...parent.getSnapshot().context];
  const life = { record: JSON.stringify(actor.getPersistedSnapshot()), told, end: endOf(actor, told) };
  lives.set(key, life);
  return life;
}

function walksOf(input: PoolInput, events: (context: PoolContext) => readonly PoolEvent[]) {
  const found = paths(quietPool, { input, events: ({ context }) => events(context) });
  return found.map((path) => ({ input, path }));
}

/** What the tasks, the slots and the alarm could send in that state. */
function workEvents(
  context: PoolContext,
  { tasks, attempts }: { readonly tasks: readonly TaskInput[]; readonly attempts: number },
): readonly PoolEvent[] {
  const { floor, limit } = context;
  if (floor.ledger.settled >= attempts || (limit?.strikes ?? 0) > 1) return [];
  return [
    { type: 'alarm.rang', at: 0 },
    { type: 'alarm.rang', at: LATER },
    ...tasks.flatMap((task) => taskEvents(context, task)),
    ...floor.seats.flatMap((seat) => seatEvents(seat)),
  ];
}

/** What there is to a pool beside its work, one change at a time, with one task that holds its seat. */
function householdEvents(context: PoolContext): readonly PoolEvent[] {
  const { floor, shared } = context;
  const reviewed = floor.reviews === 0 ? 'review.opened' : 'review.closed';
  const [seat = NO_SEAT] = floor.seats;
  const isPlain = floor.reviews === 0 && seat.identity.name === undefined && shared['branch'] === undefined;
  const always: readonly PoolEvent[] = [
    { type: 'pool.drain', at: 0 },
    { type: 'alarm.rang', at: LATER },
    { type: 'slot.released', slotId: 'slot-0', at: 0 },
    ...(isPlain || floor.reviews > 0 ? [{ type: reviewed, taskId: 'c', at: 0 } as const] : []),
    ...(isPlain ? changes : []),
    ...(isScalable(floor.seats) ? [{ type: 'pool.scale', slots: 1, at: 0 } as const] : []),
    ...seatEvents(seat).filter(({ type }) => type !== 'slot.failed'),
  ];
  if (floor.ledger.settled >= 1) return always;
  return [
    ...always,
    GUEST_FAILED,
    { type: 'message.send', message, at: 0 },
    submitChain,
    cancelChain,
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
