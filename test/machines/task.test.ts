import { expect, test } from 'vitest';
import { taskMachine } from '../../machines/task.ts';
import type { TaskInput } from '../../machines/task-types.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { ANSWERED, CRASHED, RATE_LIMITED } from './attempt.ts';
import {
  assigned,
  CANCELLED,
  ended,
  NO_SLOTS,
  plain,
  poor,
  retryOnce,
  reviewed,
  taskWith,
  WAKE,
} from './task-stage.ts';

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

test.each([
  { state: 'working', events: [] },
  { state: 'cancelling', events: [{ type: 'task.cancel', at: 20, reason: CANCELLED }] },
] as const)('a late result of an old attempt changes nothing while a task is $state', ({ state, events }) => {
  const { actor } = stage(taskMachine, { input: plain });
  for (const event of [assigned, ...events]) actor.send(event);
  const before = actor.getSnapshot().context;

  actor.send(ended({ generation: 4, evidence: ANSWERED, spend: 9 }));

  expect(actor.getSnapshot().value).toEqual({ running: state });
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

test('a usage limit does not count against the retries, but what was spent until it does', () => {
  const { actor } = stage(taskMachine, { input: taskWith({ retry: { ...retryOnce, retries: 0 } }) });

  actor.send(assigned);
  actor.send({ ...ended({ generation: 0, evidence: RATE_LIMITED }), parkedUntil: 600 });

  expect(actor.getSnapshot().value).toEqual({ pending: 'parked' });
  expect(actor.getSnapshot().context).toMatchObject({ attempts: 0, spend: 1, generation: 1, until: 600 });
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

test('a task whose cap is spent by an attempt that failed is not tried again', () => {
  const { actor } = stage(taskMachine, { input: poor });

  actor.send(assigned);
  actor.send(ended({ generation: 0, evidence: CRASHED }));

  expect(actor.getSnapshot().value).toBe('failed');
  expect(actor.getSnapshot().context).toMatchObject({
    spend: 1,
    reason: { code: 'BUDGET_EXCEEDED' },
    endedAt: 10,
  });
});

test.each([
  { end: 'a crash', input: plain, evidence: CRASHED },
  { end: 'an answer that needs a review', input: reviewed, evidence: ANSWERED },
])('a task that is cancelled while it runs ends with $end, and what that cost', ({ input, evidence }) => {
  const { actor } = stage(taskMachine, { input });
  actor.send(assigned);

  actor.send({ type: 'task.cancel', at: 20, reason: CANCELLED });
  actor.send(ended({ generation: 0, evidence }));

  expect(actor.getSnapshot().value).toBe('cancelled');
  expect(actor.getSnapshot().context).toMatchObject({ spend: 1, reason: CANCELLED, endedAt: 10 });
});

test('an answer that comes while the task is cancelled counts', () => {
  const { actor, told } = stage(taskMachine, { input: plain });
  actor.send(assigned);

  actor.send({ type: 'task.cancel', at: 20, reason: CANCELLED });
  actor.send(ended({ generation: 0, evidence: ANSWERED }));

  expect(actor.getSnapshot().value).toBe('completed');
  expect(actor.getSnapshot().context).toMatchObject({ spend: 1, reason: undefined, endedAt: 10 });
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

test('a result that is approved completes its task at that time', () => {
  const { actor, told } = stage(taskMachine, { input: reviewed });
  actor.send(assigned);
  actor.send(ended({ generation: 0, evidence: ANSWERED }));

  actor.send({ type: 'review.approve', at: 30 });

  expect(actor.getSnapshot()).toMatchObject({ value: 'completed', context: { endedAt: 30 } });
  expect(told().map(({ type }) => type)).toEqual([
    'review.opened',
    'review.closed',
    'xstate.done.actor.task',
  ]);
});

test('a task whose last result is rejected fails and lists what was wanting', () => {
  const rejected = rejectedOnce(taskWith({ review: { maxRejections: 1 } }));

  expect(rejected.value).toBe('failed');
  expect(rejected.context).toMatchObject({
    feedback: ['Too short.'],
    reason: { code: 'TASK_FAILED', message: expect.stringContaining('1. Too short.') },
    endedAt: 30,
  });
});

test('a task whose result is rejected when its cap is spent fails of that', () => {
  const rejected = rejectedOnce(poor);

  expect(rejected.value).toBe('failed');
  expect(rejected.context).toMatchObject({
    feedback: ['Too short.'],
    reason: { code: 'BUDGET_EXCEEDED' },
    endedAt: 30,
  });
});

test('a task that is cancelled while its result waits for review says why', () => {
  const { actor } = stage(taskMachine, { input: reviewed });
  actor.send(assigned);
  actor.send(ended({ generation: 0, evidence: ANSWERED }));

  actor.send({ type: 'task.cancel', at: 30, reason: CANCELLED });

  expect(actor.getSnapshot().value).toBe('cancelled');
  expect(actor.getSnapshot().context).toMatchObject({ reason: CANCELLED, endedAt: 30 });
});

/** A task whose first result was rejected at 30. */
function rejectedOnce(input: TaskInput) {
  const { actor } = stage(taskMachine, { input });
  actor.send(assigned);
  actor.send(ended({ generation: 0, evidence: ANSWERED }));
  actor.send({ type: 'review.reject', at: 30, feedback: 'Too short.' });
  return actor.getSnapshot();
}
