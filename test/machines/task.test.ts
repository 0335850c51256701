import { createActor } from 'xstate';
import type { Snapshot, SnapshotFrom } from 'xstate';
import { expect, test } from 'vitest';
import { taskMachine } from '../../machines/task.ts';
import type { TaskEvent, TaskInput, TaskOptions } from '../../machines/task-types.ts';
import type { Evidence } from '../../machines/types.ts';
import { coverage } from '../../src/testing/model/coverage.ts';
import { notebook } from '../../src/testing/model/notebook.ts';
import { paths } from '../../src/testing/model/paths.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { ANSWERED, CRASHED, endOf, OUT_OF_TURNS, RATE_LIMITED } from './attempt.ts';

const WAKE = 1_000_000;
const CANCELLED = { code: 'CANCELLED', message: 'Not wanted any more.' } as const;
const NO_SLOTS = { code: 'NO_SLOTS_AVAILABLE', message: 'No slot is left.' } as const;

const retryOnce = { retries: 1, backoffBaseMs: 2_000, backoffMaxMs: 60_000 };
const assigned: TaskEvent = { type: 'task.assigned', slotId: 'slot-0', at: 10 };

const reviewed = taskWith({ review: { maxRejections: 2 } });
const plain = taskWith({ capMicros: 5, priority: 3 });
const poor = taskWith({ capMicros: 1, review: { maxRejections: 2 } });
const walks = [reviewed, plain, poor].flatMap((input) =>
  paths(taskMachine, { input, events: ({ context }) => eventsFor(context.generation) }).map((path) => ({
    input,
    path,
  })),
);

test('every transition of a task lies on a generated path', () => {
  const { inspect, missing } = coverage(taskMachine);

  for (const { input, path } of walks) {
    const { actor } = stage(taskMachine, { input, inspect });
    for (const event of path) actor.send(event);
  }

  expect(missing()).toEqual([]);
});

test('a task that is passivated between any two events ends as one that stayed live', () => {
  expect(walks.length).toBeGreaterThan(100);
  for (const { input, path } of walks) expect(passivated(input, path)).toEqual(live(input, path));
});

test('a task is in the waiting order while it is ready, and has an alarm while it waits for a time', () => {
  for (const { input, path } of walks) {
    const { actor, told } = stage(taskMachine, { input });
    let isQueued = true;
    let hasAlarm = false;
    for (const event of path) {
      const heard = told().length;
      if (event.type === 'task.wake' && event.at >= (actor.getSnapshot().context.until ?? 0))
        hasAlarm = false;
      actor.send(event);
      for (const { type } of told().slice(heard)) {
        if (type === 'task.queued' || type === 'task.withdrawn') isQueued = type === 'task.queued';
        if (type === 'task.deferred' || type === 'task.recalled') hasAlarm = type === 'task.deferred';
      }
      const snapshot = actor.getSnapshot();
      if (snapshot.matches('running')) isQueued = false;
      const isDeferred =
        snapshot.matches({ pending: 'backingOff' }) || snapshot.matches({ pending: 'parked' });

      expect([isQueued, hasAlarm]).toEqual([snapshot.matches({ pending: 'ready' }), isDeferred]);
    }
  }
});

test('a task records what every attempt has spent', () => {
  const { actor } = stage(taskMachine, { input: taskWith({ retry: retryOnce }) });

  actor.send(assigned);
  actor.send(ended({ generation: 0, evidence: CRASHED, spend: 7 }));
  actor.send({ type: 'task.wake', at: WAKE });
  actor.send(assigned);
  actor.send(ended({ generation: 1, evidence: ANSWERED, spend: 5 }));

  expect(actor.getSnapshot().value).toBe('completed');
  expect(actor.getSnapshot().context).toMatchObject({ spend: 12, attempts: 2, generation: 2 });
});

test('a late result of an old attempt changes nothing', () => {
  const { actor } = stage(taskMachine, { input: plain });
  actor.send(assigned);
  const before = actor.getSnapshot().context;

  actor.send(ended({ generation: 4, evidence: ANSWERED, spend: 9 }));

  expect(actor.getSnapshot().value).toEqual({ running: 'working' });
  expect(actor.getSnapshot().context).toEqual(before);
});

test('a task whose retries are spent fails', () => {
  const { actor } = stage(taskMachine, { input: taskWith({ retry: retryOnce }) });

  actor.send(assigned);
  actor.send(ended({ generation: 0, evidence: CRASHED }));
  actor.send({ type: 'task.wake', at: WAKE });
  actor.send(assigned);
  actor.send(ended({ generation: 1, evidence: CRASHED }));

  expect(actor.getSnapshot().value).toBe('failed');
  expect(actor.getSnapshot().output).toMatchObject({ taskId: 'task-a', verdict: { name: 'crashed' } });
});

test('a usage limit does not count against the retries', () => {
  const { actor } = stage(taskMachine, { input: taskWith({ retry: { ...retryOnce, retries: 0 } }) });

  actor.send(assigned);
  actor.send({ ...ended({ generation: 0, evidence: RATE_LIMITED }), parkedUntil: 600 });

  expect(actor.getSnapshot().value).toEqual({ pending: 'parked' });
  expect(actor.getSnapshot().context).toMatchObject({ attempts: 0, until: 600 });
});

test('a task that backs off asks to be woken after its backoff', () => {
  const { actor, told } = stage(taskMachine, { input: taskWith({ retry: retryOnce }) });

  actor.send(assigned);
  actor.send(ended({ generation: 0, evidence: CRASHED }));

  expect(told()).toEqual([
    { type: 'task.deferred', entry: { id: 'task-a', seq: 1, priority: -1_510 }, at: 10 },
  ]);
});

test('a task that is woken too early goes on waiting', () => {
  const { actor } = stage(taskMachine, { input: taskWith({ retry: retryOnce }) });
  actor.send(assigned);
  actor.send(ended({ generation: 0, evidence: CRASHED }));

  actor.send({ type: 'task.wake', at: 1_509 });
  const early = actor.getSnapshot().value;
  actor.send({ type: 'task.wake', at: 1_510 });

  expect([early, actor.getSnapshot().value]).toEqual([{ pending: 'backingOff' }, { pending: 'ready' }]);
});

test.each([
  { end: 'cancelled', event: { type: 'task.cancel', at: 20, reason: CANCELLED } },
  { end: 'failed', event: { type: 'task.fail', at: 20, reason: NO_SLOTS } },
] as const)('a task that is $end while it backs off says why, and drops its alarm', ({ end, event }) => {
  const { actor, told } = stage(taskMachine, { input: taskWith({ retry: retryOnce }) });
  actor.send(assigned);
  actor.send(ended({ generation: 0, evidence: CRASHED }));

  actor.send(event);

  expect(actor.getSnapshot().value).toBe(end);
  expect(actor.getSnapshot().context).toMatchObject({ reason: event.reason, endedAt: 20 });
  expect(told().map(({ type }) => type)).toEqual([
    'task.deferred',
    'task.recalled',
    'xstate.done.actor.task',
  ]);
});

test.each([
  { end: 'cancelled', event: { type: 'task.cancel', at: 20, reason: CANCELLED } },
  { end: 'failed', event: { type: 'task.fail', at: 20, reason: NO_SLOTS } },
] as const)('a task that is $end while it waits says why, and leaves the order', ({ end, event }) => {
  const { actor, told } = stage(taskMachine, { input: plain });

  actor.send(event);

  expect(actor.getSnapshot().value).toBe(end);
  expect(actor.getSnapshot().context).toMatchObject({ reason: event.reason, endedAt: 20 });
  expect(told().map(({ type }) => type)).toEqual(['task.withdrawn', 'xstate.done.actor.task']);
});

test('an answer that comes while the task is cancelled counts', () => {
  const { actor, told } = stage(taskMachine, { input: plain });
  actor.send(assigned);

  actor.send({ type: 'task.cancel', at: 20, reason: CANCELLED });
  actor.send(ended({ generation: 0, evidence: ANSWERED }));

  expect(actor.getSnapshot().value).toBe('completed');
  expect(told()).toContainEqual({
    type: 'attempt.cancelled',
    taskId: 'task-a',
    slotId: 'slot-0',
    generation: 0,
    at: 20,
  });
});

test('a rejected task waits again with its feedback and all its retries', () => {
  const { actor, told } = stage(taskMachine, { input: reviewed });
  actor.send(assigned);
  actor.send(ended({ generation: 0, evidence: ANSWERED }));

  actor.send({ type: 'review.reject', at: 30, feedback: 'Too short.' });

  expect(actor.getSnapshot().value).toEqual({ pending: 'ready' });
  expect(actor.getSnapshot().context).toMatchObject({ feedback: ['Too short.'], attempts: 0 });
  expect(told().at(-1)).toEqual({
    type: 'task.queued',
    entry: { id: 'task-a', priority: 0, seq: 1, recent: 'session-a', holds: true },
    at: 30,
  });
});

function taskWith(options: TaskOptions): TaskInput {
  return { id: 'task-a', prompt: 'Say hi.', options, seq: 1, submittedAt: 0 };
}

function ended({
  generation,
  evidence,
  spend = 1,
}: {
  readonly generation: number;
  readonly evidence: Evidence;
  readonly spend?: number;
}) {
  return { type: 'attempt.ended', generation, ...endOf(evidence, spend), at: 10, chance: 0.5 } as const;
}

/** Generations are bounded, or a usage limit would lengthen the paths for ever. */
function eventsFor(generation: number): readonly TaskEvent[] {
  const always: readonly TaskEvent[] = [
    { type: 'task.wake', at: 0 },
    { type: 'task.wake', at: WAKE },
    { type: 'task.cancel', at: 10, reason: CANCELLED },
    { type: 'task.fail', at: 10, reason: NO_SLOTS },
    { type: 'review.approve', at: 10 },
    { type: 'review.reject', at: 10, feedback: 'Again.' },
  ];
  if (generation > 3) return always;
  return [
    ...always,
    assigned,
    ended({ generation: generation + 1, evidence: ANSWERED }),
    ...[ANSWERED, CRASHED, OUT_OF_TURNS].map((evidence) => ended({ generation, evidence })),
    ended({ generation, evidence: RATE_LIMITED }),
    { ...ended({ generation, evidence: RATE_LIMITED }), parkedUntil: 600 },
  ];
}

function live(input: TaskInput, path: readonly TaskEvent[]) {
  const { actor, told } = stage(taskMachine, { input });
  for (const event of path) actor.send(event);
  return { ...endState(actor.getSnapshot()), told: told() };
}

/** Walks a path with a new actor for every event, made from the record of the one before. */
function passivated(input: TaskInput, path: readonly TaskEvent[]) {
  const parent = notebook();
  const revive = (record: Snapshot<unknown>) =>
    createActor(taskMachine, { parent, id: 'task', input, snapshot: record }).start();
  let actor = createActor(taskMachine, { parent, id: 'task', input }).start();
  for (const event of path) {
    const record: Snapshot<unknown> = JSON.parse(JSON.stringify(actor.getPersistedSnapshot()));
    actor = revive(record);
    actor.send(event);
  }
  return { ...endState(actor.getSnapshot()), told: parent.getSnapshot().context };
}

function endState(snapshot: SnapshotFrom<typeof taskMachine>) {
  const { status, value, context, output } = snapshot;
  return { status, value, context, output };
}
