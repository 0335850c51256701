import type { SnapshotFrom } from 'xstate';
import { expect, test, vi } from 'vitest';
import { taskMachine } from '../../machines/task.ts';
import type { TaskEvent, TaskInput, TaskOptions } from '../../machines/task-types.ts';
import type { Evidence } from '../../machines/types.ts';
import { checkInvariants } from '../../src/testing/model/check-invariants.ts';
import { paths } from '../../src/testing/model/paths.ts';
import { stage } from '../../src/testing/model/stage.ts';
import type { Answer, Rule } from '../../src/testing/script.ts';
import { ANSWERED, CRASHED, endOf, OUT_OF_TURNS, RATE_LIMITED } from '../machines/attempt.ts';
import { covering } from './covering.ts';
import type { Walk } from './covering.ts';
import { gatedStage } from './gated-stage.ts';
import type { GatedStage } from './gated-stage.ts';

const STALE = 99;
const LIMIT_MS = 200;
const SILENCE: Answer = { silence: true };
const MAX_TURNS: Answer = {
  result: { subtype: 'error_max_turns', is_error: true, terminal_reason: 'max_turns' },
};
const CANCELLED = { code: 'CANCELLED', message: 'Not wanted any more.' } as const;
const NO_SLOTS = { code: 'NO_SLOTS_AVAILABLE', message: 'No slot is left.' } as const;
/** What one answer costs, and the whole cap of a task that has one. */
const ANSWER_MICROS = 1_000;
const USAGE = { inputTokens: 900, outputTokens: 20 };
const RETRY = { retries: 1, backoffBaseMs: 1_000, backoffMaxMs: 60_000 };

const { walks, missing } = covering(
  taskMachine,
  [
    inputFor({ review: { maxRejections: 2 } }),
    inputFor({}),
    inputFor({ review: { maxRejections: 2 }, capMicros: ANSWER_MICROS }),
  ].flatMap((input) =>
    paths(taskMachine, { input, events: ({ context }) => eventsFor(context.generation) }).map((path) => ({
      input,
      path,
    })),
  ),
);

test('every transition of a task is walked on a real pool', () => {
  expect(missing).toEqual([]);
});

test.concurrent.each(walks.map((walk) => [walk.path.map(({ type }) => type).join(', '), walk] as const))(
  'a real task does as the model: %s',
  async (_, walk) => {
    await using stageOfWalk = await gatedStage(
      { rules: [{ when: 'hold', answers: [{ echo: true }] }, ...answersOn(walk.path).map(onceOf)] },
      { slots: 1, model: 'claude-haiku-4-5', retries: RETRY.retries, limitBackoffMs: LIMIT_MS },
    );
    const { pool } = stageOfWalk;
    const { actor: model } = stage(taskMachine, { input: walk.input });
    const real = await realTask(stageOfWalk, walk);
    for (const event of walk.path) {
      const isStale = event.type === 'attempt.ended' && event.generation === STALE;
      model.send(event);

      await (isStale ? real.tell(event) : real.cause(event));

      await vi.waitFor(() => expect(real.shown()).toEqual(shownOf(model.getSnapshot())), { timeout: 10_000 });
      expect(checkInvariants(pool)).toEqual([]);
    }
    await real.end();
  },
);

/** What brings about each event of the model, on a pool whose only slot is held while the task waits. */
async function realTask({ pool, claude }: GatedStage, { input, path }: Walk<typeof taskMachine>) {
  let holder = await pool.submit('hold', { priority: 100 });
  const { review, capMicros } = input.options;
  const cap = capMicros === undefined ? {} : { maxBudgetUsd: capMicros / 1e6 };
  const id = await (review === undefined
    ? pool.submit(input.prompt, cap)
    : pool.submitWithReview(input.prompt, { ...review, ...cap }));
  const answers = answersOn(path);
  const tell = (event: TaskEvent): void =>
    pool.actor.send({ type: 'task.tell', taskId: id, event, at: event.at });

  return {
    tell,
    async cause(event: TaskEvent): Promise<void> {
      switch (event.type) {
        case 'task.assigned':
          claude.open(holder);
          if (answers.shift() !== SILENCE) await claude.arrived(id);
          break;
        case 'attempt.ended':
          holder = await pool.submit('hold', { priority: 100 });
          claude.open(id);
          break;
        case 'task.cancel':
          void pool.cancel(id);
          break;
        case 'review.approve':
          await pool.approveResult(id);
          break;
        case 'review.reject':
          await pool.rejectResult(id, event.feedback);
          break;
        case 'task.fail':
          tell(event);
          break;
        case 'task.wake':
      }
    },
    shown() {
      const { state, wait, attempts, feedback } = pool.task(id);
      return { state, wait, attempts, feedback };
    },
    async end(): Promise<void> {
      const isDrained = pool.drain({ timeoutMs: 0 });
      for (const taskId of [holder, id]) claude.open(taskId);
      await isDrained;
    },
  };
}

/** What Claude does in each attempt, so that it ends as the path says; a cancelled one is cut short by the cancel. */
function answersOn(path: readonly TaskEvent[]): Answer[] {
  return path.flatMap((event, index) => {
    if (event.type !== 'task.assigned') return [];
    const rest = path.slice(index + 1);
    const end = rest.findIndex((next) => next.type === 'attempt.ended' && next.generation < STALE);
    const last = rest[end];
    if (last?.type !== 'attempt.ended') return [{ echo: true }];
    const isCancelled = rest.slice(0, end).some(({ type }) => type === 'task.cancel');
    return [isCancelled && !last.verdict.ok ? SILENCE : answerFor(last.report.evidence)];
  });
}

function answerFor(evidence: Evidence): Answer {
  if (evidence === CRASHED) return { crash: 'beforeResult' };
  if (evidence === RATE_LIMITED) return { status: 429 };
  return evidence === OUT_OF_TURNS ? MAX_TURNS : { echo: true, usage: USAGE };
}

/** The CLI may try a refused request again before the pool interrupts it. */
function onceOf(answer: Answer): Rule {
  return { when: '', times: 1, answers: 'status' in answer ? Array<Answer>(9).fill(answer) : [answer] };
}

function shownOf({ value, context: { attempts, feedback } }: SnapshotFrom<typeof taskMachine>) {
  const [state, wait] = typeof value === 'string' ? [value] : (Object.entries(value)[0] ?? []);
  return { state, wait: state === 'pending' ? wait : undefined, attempts, feedback };
}

function inputFor(options: TaskOptions): TaskInput {
  return { id: 'task-a', prompt: 'Say hi.', options: { retry: RETRY, ...options }, seq: 1, submittedAt: 0 };
}

/** Generations are bounded, or a usage limit would lengthen the paths for ever. */
function eventsFor(generation: number): readonly TaskEvent[] {
  const always: readonly TaskEvent[] = [
    { type: 'task.wake', at: 1_000_000 },
    { type: 'task.cancel', at: 10, reason: CANCELLED },
    { type: 'task.fail', at: 10, reason: NO_SLOTS },
    { type: 'review.approve', at: 10 },
    { type: 'review.reject', at: 10, feedback: 'Again.' },
  ];
  if (generation > 2) return always;
  return [
    ...always,
    { type: 'task.assigned', slotId: 'slot-0', at: 10 },
    ended(STALE, ANSWERED),
    ...[ANSWERED, CRASHED, OUT_OF_TURNS, RATE_LIMITED].map((evidence) => ended(generation, evidence)),
  ];
}

function ended(generation: number, evidence: Evidence): TaskEvent {
  const end = endOf(evidence, evidence === RATE_LIMITED ? 0 : ANSWER_MICROS);
  return { type: 'attempt.ended', generation, ...end, at: 10, chance: 0.5, parkedUntil: 600 };
}
