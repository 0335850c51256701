import type { SnapshotFrom } from 'xstate';
import { expect, test, vi } from 'vitest';
import { taskMachine } from '../../machines/task.ts';
import type { TaskEvent, TaskInput, TaskOptions } from '../../machines/task-types.ts';
import type { Evidence } from '../../machines/types.ts';
import { checkInvariants } from '../../src/testing/model/check-invariants.ts';
import { coverage } from '../../src/testing/model/coverage.ts';
import { paths } from '../../src/testing/model/paths.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { ANSWERED, CRASHED, endOf, OUT_OF_TURNS, RATE_LIMITED } from '../machines/attempt.ts';
import { ANSWER_MICROS } from './directed-claude.ts';
import type { Play } from './directed-claude.ts';
import { directedStage } from './directed-stage.ts';
import type { DirectedStage } from './directed-stage.ts';
import { dealt, nameOf, wholePaths } from './whole-paths.ts';

interface Walk {
  readonly input: TaskInput;
  readonly path: readonly TaskEvent[];
}

const STALE = 99;
/** Ends each limit, each backoff, and the window in which restarts count. */
const LONG_MS = 1_000_000;
const POOLS = 16;
const INTERRUPTED: Evidence = { interruption: 'cancelled' };
const WAYS_TO_END = [ANSWERED, CRASHED, OUT_OF_TURNS, RATE_LIMITED];
const WAYS_TO_END_CANCELLED = [ANSWERED, CRASHED, INTERRUPTED];
const PLAYS = new Map<Evidence, Play>([
  [ANSWERED, 'answered'],
  [CRASHED, 'crashed'],
  [OUT_OF_TURNS, 'outOfTurns'],
  [RATE_LIMITED, 'rateLimited'],
  [INTERRUPTED, 'interrupted'],
]);
const CANCELLED = { code: 'CANCELLED', message: 'Not wanted any more.' } as const;
const NO_SLOTS = { code: 'NO_SLOTS_AVAILABLE', message: 'No slot is left.' } as const;
const RETRY = { retries: 1, backoffBaseMs: 1_000, backoffMaxMs: 60_000 };

const walks = [
  inputFor({ review: { maxRejections: 2 } }),
  inputFor({}),
  inputFor({ review: { maxRejections: 2 }, capMicros: ANSWER_MICROS }),
].flatMap((input) =>
  wholePaths(paths(taskMachine, { input, events: eventsFor })).map((path) => ({ input, path })),
);

test('the paths that are walked on a real pool take every transition of a task', () => {
  const { inspect, missing } = coverage(taskMachine);

  for (const { input, path } of walks) {
    const { actor } = stage(taskMachine, { input, inspect });
    for (const event of path) actor.send(event);
  }

  expect(missing()).toEqual([]);
});

test.concurrent.each(dealt(walks, POOLS).map((share) => [share.length, share] as const))(
  'a real task does as the model on %i paths',
  async (_, share) => {
    await using stageOfShare = await directedStage({ slots: 1, retries: RETRY.retries, breakAfter: 0 });
    for (const walk of share) expect(await follow(stageOfShare, walk)).toBe(walk.path.length);
  },
);

/** Walks one path and tells how far, on a pool that is as good as new before and after it. */
async function follow(stageOfShare: DirectedStage, walk: Walk): Promise<number> {
  const name = nameOf(walk.path);
  const { actor: model } = stage(taskMachine, { input: walk.input });
  const real = await realTask(stageOfShare, walk.input);
  for (const event of walk.path) {
    model.send(event);
    const wanted = shownOf(model.getSnapshot());

    await real.cause(event);
    await seen(() => expect([name, real.shown()]).toEqual([name, wanted]));
    expect([name, checkInvariants(stageOfShare.pool, { lateMs: Infinity })]).toEqual([name, []]);
  }
  await real.end();
  return walk.path.length;
}

/** What brings about each event of the model, on a pool whose only slot is held while the task waits. */
async function realTask({ pool, claude, pass }: DirectedStage, input: TaskInput) {
  const { review, capMicros } = input.options;
  const cap = capMicros === undefined ? {} : { maxBudgetUsd: capMicros / 1e6 };
  let holder = await pool.submit('hold', { priority: 100 });
  const id = await (review === undefined
    ? pool.submit(input.prompt, cap)
    : pool.submitWithReview(input.prompt, { ...review, ...cap }));
  const stateOf = (taskId: string) => pool.task(taskId).state;
  const runs = (taskId: string) => seen(() => expect(stateOf(taskId)).toBe('running'));
  await runs(holder);

  function tell(event: TaskEvent): void {
    pool.actor.send({ type: 'task.tell', taskId: id, event, at: event.at });
  }

  async function release(): Promise<void> {
    await runs(holder);
    claude.play(holder, 'answered');
    await pool.wait(holder);
  }

  return {
    async cause(event: TaskEvent): Promise<void> {
      switch (event.type) {
        case 'task.assigned':
          await release();
          return claude.waits(id);
        case 'attempt.ended':
          if (event.generation === STALE) return tell(event);
          holder = await pool.submit('hold', { priority: 100 });
          return claude.play(id, PLAYS.get(event.report.evidence) ?? 'answered');
        case 'task.cancel':
          return void pool.cancel(id);
        case 'review.approve':
          return void pool.approveResult(id);
        case 'review.reject':
          return void pool.rejectResult(id, event.feedback);
        case 'task.fail':
          return tell(event);
        case 'task.wake':
          return pass(LONG_MS);
      }
    },
    shown() {
      const { state, wait, attempts, feedback } = pool.task(id);
      return { state, wait, attempts, feedback };
    },
    async end(): Promise<void> {
      pass(LONG_MS);
      if (stateOf(id) === 'running') claude.play(id, 'interrupted');
      await pool.cancel(id);
      if (stateOf(holder) !== 'completed') await release();
      pass(LONG_MS);
    },
  };
}

function seen(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 10_000, interval: 2 });
}

function shownOf({ value, context: { attempts, feedback } }: SnapshotFrom<typeof taskMachine>) {
  const [state, wait] = typeof value === 'string' ? [value] : (Object.entries(value)[0] ?? []);
  return { state, wait: state === 'pending' ? wait : undefined, attempts, feedback };
}

function inputFor(options: TaskOptions): TaskInput {
  return { id: 'task-a', prompt: 'Say hi.', options: { retry: RETRY, ...options }, seq: 1, submittedAt: 0 };
}

/** Generations are bounded, or a usage limit would lengthen the paths for ever. */
function eventsFor(task: SnapshotFrom<typeof taskMachine>): readonly TaskEvent[] {
  const { generation } = task.context;
  const ways = task.matches({ running: 'cancelling' }) ? WAYS_TO_END_CANCELLED : WAYS_TO_END;
  const always: readonly TaskEvent[] = [
    { type: 'task.wake', at: LONG_MS },
    { type: 'task.cancel', at: 10, reason: CANCELLED },
    { type: 'task.fail', at: 10, reason: NO_SLOTS },
    { type: 'review.approve', at: 10 },
    { type: 'review.reject', at: 10, feedback: 'Again.' },
  ];
  if (generation > 1) return always;
  return [
    ...always,
    { type: 'task.assigned', slotId: 'slot-0', at: 10 },
    ended(STALE, ANSWERED),
    ...ways.map((evidence) => ended(generation, evidence)),
  ];
}

function ended(generation: number, evidence: Evidence): TaskEvent {
  const end = endOf(evidence, evidence === RATE_LIMITED ? 0 : ANSWER_MICROS);
  return { type: 'attempt.ended', generation, ...end, at: 10, chance: 0.5, parkedUntil: 600 };
}
