import { createActor } from 'xstate';
import type { AnyActorRef, EventObject } from 'xstate';
import { expect, test } from 'vitest';
import { directory } from '../../machines/directory.ts';
import { viewOf } from '../../machines/task-record.ts';
import type { DirectoryEvent, DirectoryOptions, TaskChange } from '../../machines/directory-types.ts';
import type { TaskEvent, TaskOptions, TaskView } from '../../machines/task-types.ts';
import { taskMachine } from '../../machines/task.ts';
import { notebook } from '../../src/testing/model/notebook.ts';
import { paths } from '../../src/testing/model/paths.ts';
import { ANSWERED, CRASHED, endOf } from './attempt.ts';
import { taskInput } from './pool-stage.ts';

const reason = { code: 'CANCELLED', message: 'Not wanted any more.' } as const;
const cancel: TaskEvent = { type: 'task.cancel', at: 5, reason };
const assigned: TaskEvent = { type: 'task.assigned', slotId: 'slot-0', at: 5 };
const crashed = ended(CRASHED);
const answered = ended(ANSWERED);

test('a task that was admitted is pending and ready', () => {
  const { admit, view, counts } = desk();

  admit('a');

  expect(view('a')).toMatchObject({ state: 'pending', wait: 'ready', context: { id: 'a', generation: 0 } });
  expect(counts()).toMatchObject({ pending: 1, running: 0 });
});

test('as many idle tasks stay live as the directory is bound to', () => {
  const { admit, live } = desk({ liveTasks: 2 });

  for (const id of ['a', 'b', 'c', 'd']) admit(id);

  expect(live()).toEqual(['a', 'b']);
});

test('a passivated task runs and is kept live until it is idle again', () => {
  const { admit, deliver, assign, live, view } = desk({ liveTasks: 0 });
  admit('a');
  const before = live();

  assign('a');
  const during = live();
  deliver('a', crashed);

  expect([before, during, live()]).toEqual([[], ['a'], []]);
  expect(view('a')).toMatchObject({ state: 'pending', wait: 'backingOff' });
});

test('a live task that runs makes room for another one', () => {
  const { admit, assign, live } = desk({ liveTasks: 1 });
  admit('a');

  assign('a');
  admit('b');
  admit('c');

  expect(live()).toEqual(['a', 'b']);
});

test('an event that changes nothing leaves a task passivated, and nobody hears of it', () => {
  const { admit, deliver, live, changes } = desk({ liveTasks: 0 });
  admit('a');

  deliver('a', { type: 'review.approve', at: 5 });

  expect([live(), changes.length]).toEqual([[], 1]);
});

test('a record is what XState itself would keep of the task', () => {
  const { admit, assign, deliver, entry } = desk({ liveTasks: 0 });
  const task = createActor(taskMachine, { parent: notebook(), id: 'task', input: inputOf('a') }).start();
  admit('a');

  assign('a');
  deliver('a', crashed);
  task.send(assigned);
  task.send(crashed);

  expect(entry('a')).toEqual(task.getPersistedSnapshot());
});

test('the end of a task is kept as its record', () => {
  const { admit, assign, deliver, view, live } = desk();
  admit('a');

  assign('a');
  deliver('a', answered);

  expect([view('a')?.state, live()]).toEqual(['completed', []]);
});

test('a task that has ended hears nothing more', () => {
  const { admit, deliver, view, changes, told } = desk();
  admit('a');
  deliver('a', cancel);
  const before = [view('a'), changes.length, told()];

  deliver('a', assigned);
  deliver('a', answered);
  deliver('a', cancel);

  expect([view('a'), changes.length, told()]).toEqual(before);
});

test('the tasks that ended first are forgotten first', () => {
  const { admit, deliver, view } = desk({ keepFinished: 2 });
  const ids = ['a', 'b', 'c', 'd'];
  for (const id of ids) admit(id);

  for (const id of ['b', 'a', 'd']) deliver(id, cancel);

  expect(ids.map((id) => view(id)?.state)).toEqual(['cancelled', undefined, 'pending', 'cancelled']);
});

test('an assignment hands the slot what the task asks for, within its cap', () => {
  const { admit, assign, told } = desk();
  admit('a', { timeoutMs: 9, session: 'fresh', settings: { model: 'sonnet' }, capMicros: 4 });

  assign('a', 4);

  expect(told()).toEqual([
    {
      type: 'slot.assign',
      at: 5,
      request: {
        taskId: 'a',
        generation: 0,
        prompt: 'Do a.',
        settings: { model: 'sonnet' },
        session: 'fresh',
        timeoutMs: 9,
        capMicros: 4,
      },
    },
  ]);
});

test('a task that is asked for again is prompted with what the last review found wanting', () => {
  const { admit, assign, deliver, told } = desk();
  admit('a', { review: { maxRejections: 3 } });
  assign('a');
  deliver('a', answered);

  deliver('a', { type: 'review.reject', at: 5, feedback: 'Too short.' });
  assign('a');

  expect(told().at(-1)).toMatchObject({
    request: {
      generation: 1,
      prompt: 'Do a.\n\n---\nAttempt 2 of 3. Your last result was rejected:\nToo short.',
    },
  });
});

test('a conversation that knows the task is given the feedback alone', () => {
  const { admit, assign, deliver, told } = desk();
  admit('a', { review: { maxRejections: 3 } });
  assign('a');
  deliver('a', answered);

  deliver('a', { type: 'review.reject', at: 5, feedback: 'Too short.' });
  assign('a', undefined, 'session-a');

  expect(told().at(-1)).toMatchObject({
    request: {
      prompt: 'Attempt 2 of 3. Your last result was rejected:\nToo short.',
      session: { resume: 'session-a' },
    },
  });
});

test('a slot that was held is released behind all that its result has led to', () => {
  const { admit, assign, deliver, told } = desk();
  admit('a', { review: { maxRejections: 3 } });
  assign('a');

  deliver('a', answered, 'slot-0');

  expect(told().slice(1)).toEqual([
    { type: 'review.opened', taskId: 'a', at: 5 },
    { type: 'slot.released', slotId: 'slot-0', at: 5 },
  ]);
});

test('a slot that was held is released when nobody hears the result any more', () => {
  const { deliver, told } = desk();

  deliver('nobody', answered, 'slot-0');

  expect(told()).toEqual([{ type: 'slot.released', slotId: 'slot-0', at: 5 }]);
});

test('an assignment for a task that does not wait is voided', () => {
  const { admit, assign, deliver, told } = desk();
  admit('a');
  deliver('a', cancel);

  assign('a');
  assign('nobody');

  expect(told().slice(1)).toEqual([
    { type: 'assignment.voided', slotId: 'slot-0', at: 5 },
    { type: 'assignment.voided', slotId: 'slot-0', at: 5 },
  ]);
});

test('the notices of its tasks reach the pool', () => {
  const { admit, deliver, told } = desk({ liveTasks: 0 });
  admit('a');

  deliver('a', cancel);

  expect(told()).toEqual([{ type: 'task.withdrawn', entry: { id: 'a', priority: 0, seq: 1 }, at: 5 }]);
});

test('each change is told with what was before and what made it', () => {
  const { admit, deliver, changes } = desk({ liveTasks: 0 });

  admit('a');
  deliver('a', cancel);

  expect(changes).toMatchObject([
    { task: { state: 'pending', wait: 'ready' } },
    { task: { state: 'cancelled' }, before: { state: 'pending', wait: 'ready' }, event: cancel },
  ]);
});

test('the counts are those of the tasks, on every path, however many of them are live', () => {
  const options = {
    review: { maxRejections: 1 },
    retry: { retries: 1, backoffBaseMs: 10, backoffMaxMs: 10 },
  };
  const input = inputOf('a', options);
  const walks = paths(taskMachine, {
    input,
    events: ({ context }) => eventsFor(context.generation),
  });

  expect(walks.length).toBeGreaterThan(20);
  for (const path of walks) {
    const all = desk({ liveTasks: 1 });
    const none = desk({ liveTasks: 0 });
    const away = elsewhere();
    for (const { admit, deliver, keep } of [all, none, away]) {
      admit('a', options);
      for (const event of path) {
        keep();
        deliver('a', event);
      }
    }

    const { state } = all.view('a') ?? {};

    for (const { view, told, changes, counts } of [none, away]) {
      expect(view('a')).toEqual(all.view('a'));
      expect(told()).toEqual(all.told());
      expect(changes).toEqual(all.changes);
      expect(counts()).toEqual(all.counts());
    }
    expect(Object.entries(all.counts()).filter(([, count]) => count !== 0)).toEqual([[state, 1]]);
  }
});

test('a passivated task leaves memory once it is kept as it is, and is recalled for its next event', () => {
  const { admit, deliver, keep, entry, view, changes } = elsewhere();
  admit('a');

  const [unsaved] = [entry('a')];
  keep();
  const [saved] = [entry('a')];
  deliver('a', cancel);

  expect(unsaved).toBeDefined();
  expect(saved).toBeUndefined();
  expect(view('a')).toMatchObject({ state: 'cancelled' });
  expect(changes.map(({ task }) => task.state)).toEqual(['pending', 'cancelled']);
});

test('a task stays in memory that has changed since it was kept', () => {
  const { admit, deliver, send, entry, changes } = elsewhere();
  admit('a', { retry: { retries: 1, backoffBaseMs: 0, backoffMaxMs: 0 } });
  deliver('a', assigned);
  deliver('a', crashed);
  const backingOff = changes.at(-1)?.task;
  deliver('a', { type: 'task.wake', at: 5 });

  send({ type: 'directory.kept', tasks: backingOff === undefined ? [] : [backingOff] });

  expect(entry('a')).toBeDefined();
});

test('an event that changes nothing leaves a task out of memory', () => {
  const { admit, deliver, keep, entry } = elsewhere();
  admit('a');
  keep();

  deliver('a', { type: 'review.approve', at: 5 });

  expect(entry('a')).toBeUndefined();
});

test('of tasks that have ended and are kept elsewhere as many stay in memory as are to', () => {
  const { admit, deliver, keep, entry } = elsewhere({ keepFinished: 1 });
  for (const id of ['a', 'b']) admit(id);

  deliver('a', cancel);
  deliver('b', cancel);
  const before = [entry('a'), entry('b')].map((each) => each !== undefined);
  keep();
  const after = [entry('a'), entry('b')].map((each) => each !== undefined);

  expect([before, after]).toEqual([
    [true, true],
    [false, true],
  ]);
});

test('a task that is lost elsewhere does not count as pending any more once it was to run', () => {
  const { admit, assign, keep, told, counts } = elsewhere({ recall: () => undefined });
  admit('a');
  keep();

  assign('a');

  expect(counts()).toMatchObject({ pending: 0 });
  expect(told()).toEqual([{ type: 'assignment.voided', slotId: 'slot-0', at: 5 }]);
});

/** A desk whose tasks can be kept elsewhere, and none of which stays live. */
function elsewhere(options: DirectoryOptions = {}) {
  const kept = new Map<string, TaskView>();
  const recalled = desk({
    liveTasks: 0,
    recall: (taskId) => kept.get(taskId),
    ...options,
  });
  return {
    ...recalled,
    view: (id: string) => recalled.view(id) ?? kept.get(id),
    keep: (): void => {
      const tasks = recalled.changes.map(({ task }) => task);
      for (const task of tasks) kept.set(task.context.id, JSON.parse(JSON.stringify(task)));
      recalled.send({ type: 'directory.kept', tasks });
    },
  };
}

/** A directory below a pool that only listens, and that has one slot. */
function desk(options: DirectoryOptions = {}) {
  const heard: EventObject[] = [];
  const changes: TaskChange[] = [];
  const slot = { send: (event: EventObject) => heard.push(event) };
  const pool: Pick<AnyActorRef, 'send' | 'getSnapshot'> = {
    send: (event: EventObject) => heard.push(event),
    getSnapshot: () => ({ children: { 'slot-0': slot } }),
  };
  const actor = createActor(directory({ observe: (change) => changes.push(change), ...options }), {
    input: { pool: pool as never },
  }).start();
  const entries = () => actor.getSnapshot().context.entries;

  return {
    changes,
    told: (): readonly EventObject[] => [...heard],
    entry: (id: string) => entries().get(id),
    counts: () => actor.getSnapshot().context.counts,
    live: () => [...entries()].flatMap(([id, entry]) => ('getSnapshot' in entry ? [id] : [])),
    view: (id: string) => {
      const entry = entries().get(id);
      return entry === undefined ? undefined : viewOf(entry);
    },
    send: (event: DirectoryEvent): void => actor.send(event),
    /** Nothing is kept elsewhere. */
    keep: (): void => undefined,
    admit: (id: string, taskOptions: TaskOptions = {}): void =>
      actor.send({ type: 'directory.admit', input: inputOf(id, taskOptions) }),
    deliver: (taskId: string, event: TaskEvent, releases?: string): void =>
      actor.send({ type: 'directory.deliver', taskId, event, ...(releases !== undefined && { releases }) }),
    assign: (taskId: string, capMicros?: number, conversation?: string): void =>
      actor.send({
        type: 'directory.assign',
        taskId,
        slotId: 'slot-0',
        at: 5,
        ...(capMicros !== undefined && { capMicros }),
        ...(conversation !== undefined && { conversation }),
      }),
  };
}

function inputOf(id: string, options: TaskOptions = {}) {
  return taskInput(id, { seq: 1, at: 0, options });
}

function eventsFor(generation: number): readonly TaskEvent[] {
  const attempt: readonly TaskEvent[] = [assigned, { ...answered, generation }, { ...crashed, generation }];
  return [
    ...(generation > 2 ? [] : attempt),
    { type: 'task.wake', at: 1_000 },
    { type: 'review.approve', at: 5 },
    { type: 'review.reject', at: 5, feedback: 'Again.' },
    cancel,
  ];
}

function ended(evidence: typeof ANSWERED) {
  return { type: 'attempt.ended', generation: 0, ...endOf(evidence, 2), at: 5, chance: 0.5 } as const;
}
