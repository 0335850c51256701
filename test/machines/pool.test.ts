import { createActor, fromTransition } from 'xstate';
import type { ActorRefFrom, AnyActorRef, EventObject, Snapshot } from 'xstate';
import { expect, test } from 'vitest';
import { openLedger } from '../../machines/budget.ts';
import { poolMachine } from '../../machines/pool.ts';
import type { PoolContext, PoolEvent, PoolInput, RestoredPool } from '../../machines/pool-types.ts';
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
import { notebook } from '../../src/testing/model/notebook.ts';
import { paths } from '../../src/testing/model/paths.ts';
import { silent } from '../../src/testing/model/silent.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { ANSWERED, CRASHED, endOf as attemptEndOf, RATE_LIMITED } from './attempt.ts';
import { POOL_INPUT } from './pool-stage.ts';

const CAP = 10;
const LATER = 1_000_000;
const GUEST_FAILED = { type: 'xstate.error.actor.guest', actorId: 'guest', error: 'Boom.' } as const;
const GONE = { type: 'session.ended', at: 0, chance: 0.5, message: 'Closed.' } as const;
const FAILURE = { code: 'CRASHED', message: 'Killed.' } as const;
const [one, other] = [taskOf('a', 1), taskOf('b', 2)];
const mate = taskOf('c', 3, { group: 'team' });
/** Written out, because the default is no number that a record can hold. */
const rules = { maxPendingReview: 99, breakAfter: 0 };
const small: PoolInput = { ...POOL_INPUT, rules, budgetMicros: CAP };
const wide: PoolInput = { ...POOL_INPUT, rules, slots: [{}, {}], budgetMicros: 2 * CAP };
const NOTHING_LEFT: RestoredPool = {
  ledger: openLedger(CAP),
  slots: [],
  waiting: { entries: [], alarms: [], reviews: 0 },
  at: 0,
};
const limited: PoolInput = {
  ...small,
  restored: {
    ...NOTHING_LEFT,
    limit: { reason: 'rateLimited', message: 'Limit reached.', until: LATER, strikes: 1 },
  },
};
const chain: ChainInput = {
  id: 'chain-1',
  seq: 9,
  steps: [],
  options: { onFailure: 'abort', session: 'chain' },
  submittedAt: 0,
};
const submitChain = { type: 'chain.submit', input: chain, at: 0 } as const;
const cancelChain = { type: 'chain.cancel', chainId: 'chain-1', at: 0 } as const;
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
const message: Message = { id: 'message-1', from: 'you', to: 'slot-0', text: 'Mind the gap.', at: 0 };

const notes = fromTransition((heard: readonly EventObject[], event: EventObject) => [...heard, event], []);

/** A pool whose directory and alarm write down what they are told, and say nothing, as its slots do. */
const machine = poolMachine.provide({
  actors: {
    alarm: notes as never,
    directory: notes as never,
    slot: slotMachine.provide({ actors: { session: silent } }),
  },
});
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
const { inspect, missing } = coverage(machine);
const walked = walks.map(({ input, path }) => {
  const { actor, told } = stage(machine, { input, inspect });
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

test.each([
  { event: { type: 'task.submit', input: one, at: 0 }, heard: { type: 'directory.admit', input: one } },
  { event: submitChain, heard: { type: 'directory.admitChain', input: chain } },
  { event: cancelChain, heard: { type: 'directory.tellChain', chainId: 'chain-1', event: cancelChain } },
] as const)('a pool that starts passes $event.type on to its directory', ({ event, heard }) => {
  const { actor, told } = stage(machine, { input: small });

  actor.send(event);

  expect(endOf(actor, told()).below['directory']).toEqual({ context: [heard] });
});

test('a task that is recalled is not woken: the one alarm is set anew, and cleared with the last', () => {
  const { actor, told } = stage(machine, { input: small });
  const sleepers = [-50, -70].map((priority, seq) => ({ id: `task-${seq}`, priority, seq }));

  for (const entry of sleepers) actor.send({ type: 'task.deferred', entry, at: 0 });
  for (const entry of sleepers) actor.send({ type: 'task.recalled', entry, at: 0 });

  expect(endOf(actor, told()).below['alarm']).toEqual({
    context: [{ type: 'alarm.set', at: 50 }, { type: 'alarm.set', at: 70 }, { type: 'alarm.clear' }],
  });
});

test('a slot that is held when the pool is parked is released all the same', () => {
  const { actor } = stage(machine, { input: wide });
  const seats = () => actor.getSnapshot().context.floor.seats.map(({ state }) => state);
  for (const slotId of ['slot-0', 'slot-1']) actor.send({ type: 'slot.ready', slotId, at: 0 });
  for (const task of [mate, other]) {
    actor.send({ type: 'task.submit', input: task, at: 0 });
    actor.send({ type: 'task.queued', entry: entryOf(task), at: 0 });
  }
  actor.send(settled('slot-0', 'c', { evidence: ANSWERED, spend: 0 }));
  actor.send(settled('slot-1', 'b', { evidence: RATE_LIMITED, spend: 0 }));
  const held = [actor.getSnapshot().matches({ open: { limit: 'parked' } }), seats()[0]];

  actor.send({ type: 'slot.released', slotId: 'slot-0', at: 0 });

  expect([held, seats()[0]]).toEqual([[true, 'held'], 'idle']);
});

test('a pool shares its context with the slots that it has, and takes a key away again', () => {
  const { actor } = stage(machine, { input: small });
  const shared = () => {
    const { context, children } = actor.getSnapshot();
    return [context.shared, children['slot-0']?.getSnapshot().context.shared];
  };

  actor.send({ type: 'context.set', key: 'branch', value: 'main', at: 0 });
  const given = shared();
  actor.send({ type: 'context.set', key: 'branch', at: 0 });

  expect([given, shared()]).toEqual([
    [{ branch: 'main' }, { branch: 'main' }],
    [{}, {}],
  ]);
});

test('a slot that starts is given its name at once', () => {
  const { actor } = stage(machine, { input: small });

  actor.send({ type: 'slot.configure', slotId: 'slot-0', identity: { name: 'Ada' }, at: 0 });

  const { context, children } = actor.getSnapshot();
  expect([context.floor.seats[0]?.identity, children['slot-0']?.getSnapshot().context.identity]).toEqual([
    { name: 'Ada' },
    { name: 'Ada' },
  ]);
});

test('a message reaches its slot, and is gone once it is read', () => {
  const { actor } = stage(machine, { input: small });
  const inbox = () => actor.getSnapshot().children['slot-0']?.getSnapshot().context.inbox;

  actor.send({ type: 'message.send', message, at: 0 });
  const sent = inbox();
  actor.send({ type: 'messages.read', slotId: 'slot-0', ids: ['message-1'], at: 0 });

  expect([sent, inbox()]).toEqual([[message], []]);
});

test('mail of an earlier pool is for the slot that had it, and not for one that gets its id later', () => {
  const known = { slotId: 'slot-0', identity: {}, tasks: 0, spent: 0, inbox: [message] };
  const { actor } = stage(machine, { input: { ...small, restored: { ...NOTHING_LEFT, slots: [known] } } });
  const inbox = () => actor.getSnapshot().children['slot-0']?.getSnapshot().context.inbox;
  const before = inbox();

  actor.send({ type: 'pool.scale', slots: 0, at: 0 });
  actor.getSnapshot().children['slot-0']?.send(GONE);
  actor.send({ type: 'pool.scale', slots: 1, at: 0 });

  expect([before, inbox()]).toEqual([[message], []]);
});

test('a slot that is lost while the pool is parked is away', () => {
  const { actor } = stage(machine, { input: limited });
  const seat = () => actor.getSnapshot().context.floor.seats[0]?.state;

  actor.send({ type: 'slot.ready', slotId: 'slot-0', at: 0 });
  const before = [actor.getSnapshot().matches({ open: { limit: 'parked' } }), seat()];
  actor.send({ type: 'slot.lost', slotId: 'slot-0', at: 0 });

  expect([before, seat()]).toEqual([[true, 'idle'], 'away']);
});

test('a probe that is answered is none any more, although the pool drains', () => {
  const { actor } = stage(machine, { input: limited });
  const isProbe = () => actor.getSnapshot().context.floor.seats[0]?.isProbe;
  actor.send({ type: 'slot.ready', slotId: 'slot-0', at: 0 });
  actor.send({ type: 'task.submit', input: one, at: 0 });
  actor.send({ type: 'task.queued', entry: entryOf(one), at: 0 });
  actor.send({ type: 'alarm.rang', at: LATER });

  actor.send({ type: 'pool.drain', at: LATER });
  const before = isProbe();
  actor.send({ type: 'slot.answered', slotId: 'slot-0', at: LATER });

  expect([before, isProbe()]).toEqual([true, undefined]);
});

test('a slot that has stopped is forgotten', () => {
  const { actor } = stage(machine, { input: wide });
  const slot = () => actor.getSnapshot().children['slot-0'];

  actor.send({ type: 'pool.scale', slots: 1, at: 0 });
  const before = slot()?.getSnapshot().value;
  slot()?.send(GONE);

  expect([before, slot()]).toEqual(['draining', undefined]);
});

test('a pool does not outlive a directory that has failed', () => {
  const broken = machine.provide({
    actors: { directory: fromTransition(fail, undefined) as never },
  });
  const { actor, told } = stage(broken, { input: small });
  actor.subscribe({ error: () => undefined });

  actor.send(submitChain);

  expect([actor.getSnapshot().status, told().map(({ type }) => type)]).toEqual([
    'error',
    ['xstate.error.actor.pool'],
  ]);
});

test('a pool that starts parked gives nothing to its first slot', () => {
  const { actor } = stage(machine, { input: limited });
  actor.send({ type: 'task.submit', input: one, at: 0 });
  actor.send({ type: 'task.queued', entry: entryOf(one), at: 0 });

  actor.send({ type: 'slot.ready', slotId: 'slot-0', at: 0 });

  expect(actor.getSnapshot().context.floor.seats[0]?.state).toBe('idle');
});

test('a pool starts as long as one of its slots may still open', () => {
  const { actor } = stage(machine, { input: wide });
  const values = ['slot-0', 'slot-1'].map((slotId) => {
    actor.send({ type: 'slot.failed', slotId, failure: FAILURE, at: 0 });
    return actor.getSnapshot().matches('starting');
  });

  expect(values).toEqual([true, false]);
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
  const actor = createActor(machine, { parent, id: 'pool', input, ...(snapshot && { snapshot }) }).start();
  if (event !== undefined) actor.send(event);
  const told = [...(before?.told ?? []), ...parent.getSnapshot().context];
  const life = { record: JSON.stringify(actor.getPersistedSnapshot()), told, end: endOf(actor, told) };
  lives.set(key, life);
  return life;
}

function fail(): never {
  throw new Error('The directory has failed.');
}

/** All that can be seen of a pool: itself, what it told its parent, and what those below it are or have heard. */
function endOf(actor: ActorRefFrom<typeof machine>, told: readonly EventObject[]) {
  const { status, value, context, children } = actor.getSnapshot();
  const below = Object.entries(children).map(([id, child]) => [id, seenOf(child)]);
  return { status, value, context, told, below: Object.fromEntries(below) };
}

function seenOf(child: AnyActorRef | undefined): unknown {
  const { value, context }: { value?: unknown; context?: unknown } = child?.getSnapshot() ?? {};
  return JSON.parse(JSON.stringify({ value, context }));
}

function walksOf(input: PoolInput, events: (context: PoolContext) => readonly PoolEvent[]) {
  const found = paths(machine, { input, events: ({ context }) => events(context) });
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
    ...attemptEndOf(evidence, spend),
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

function taskOf(id: string, seq: number, options: TaskOptions = {}): TaskInput {
  return { id, prompt: 'Say hi.', seq, submittedAt: 0, options: { capMicros: CAP, ...options } };
}
