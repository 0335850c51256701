import { createActor } from 'xstate';
import type { Snapshot, SnapshotFrom } from 'xstate';
import { expect, test } from 'vitest';
import { taskMachine } from '../../machines/task.ts';
import type { TaskEvent, TaskInput } from '../../machines/task-types.ts';
import { coverage } from '../../src/testing/model/coverage.ts';
import { notebook } from '../../src/testing/model/notebook.ts';
import { paths } from '../../src/testing/model/paths.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { ANSWERED, CRASHED, OUT_OF_TURNS, RATE_LIMITED } from './attempt.ts';
import { assigned, CANCELLED, ended, NO_SLOTS, plain, poor, reviewed, WAKE } from './task-stage.ts';

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
