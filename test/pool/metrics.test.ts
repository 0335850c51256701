import { createActor } from 'xstate';
import type { AnyActorRef } from 'xstate';
import { expect, test } from 'vitest';
import { directory } from '../../machines/directory.ts';
import type { TaskEvent, TaskOptions } from '../../machines/task-types.ts';
import type { AttemptReport, Evidence } from '../../machines/types.ts';
import { verdictOf } from '../../machines/verdict.ts';
import { distributionBook } from '../../src/metrics/distribution.ts';
import { metricsBook } from '../../src/metrics/metrics-book.ts';
import { ANSWERED, CRASHED, OUT_OF_TURNS, RATE_LIMITED, endOf, reportOf } from '../machines/attempt.ts';
import { taskInput } from '../machines/pool-stage.ts';

const NOTHING = { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };
const ONCE = {
  attempts: 1,
  spendUsd: 0.25,
  tokensUsed: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 },
};
const cancel = {
  type: 'task.cancel',
  reason: { code: 'CANCELLED', message: 'Not wanted any more.' },
} as const;

test('a pool that has done nothing has metrics of nothing', () => {
  const { read } = observed();

  expect(read()).toEqual({
    startedAt: 1_000,
    tasks: { pending: 0, running: 0, pendingReview: 0, completed: 0, failed: 0, cancelled: 0 },
    attempts: 0,
    retries: 0,
    verdicts: {},
    spendUsd: 0,
    tokensUsed: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    models: {},
    taskCostUsd: NOTHING,
    attemptMs: NOTHING,
    queueWaitMs: NOTHING,
  });
});

test('a task is counted where it stands, its attempt by verdict and model, its times and its cost', () => {
  const { submit, start, end, read } = observed();
  submit('waits');
  submit('runs');
  start('runs', 400);
  submit('ends');
  start('ends', 700);

  end('ends', ANSWERED, { spend: 250_000, model: 'claude-opus-5-5', durationMs: 900 });

  expect(read()).toEqual({
    startedAt: 1_000,
    tasks: { pending: 1, running: 1, pendingReview: 0, completed: 1, failed: 0, cancelled: 0 },
    ...ONCE,
    retries: 0,
    verdicts: { succeeded: 1 },
    models: { 'claude-opus-5-5': ONCE },
    taskCostUsd: { count: 1, mean: 0.25, p50: 0.25, p90: 0.25, p99: 0.25, max: 0.25 },
    attemptMs: { count: 1, mean: 900, p50: 900, p90: 900, p99: 900, max: 900 },
    queueWaitMs: { count: 2, mean: 550, p50: 400, p90: 700, p99: 700, max: 700 },
  });
});

test('an attempt that failed or was cancelled has spent what it has spent (B10)', () => {
  const { submit, start, end, tell, read } = observed();
  submit('fails', { retry: { retries: 0, backoffBaseMs: 1, backoffMaxMs: 1 } });
  start('fails');
  submit('cancelled');
  start('cancelled');

  end('fails', CRASHED, { spend: 40_000 });
  tell('cancelled', { ...cancel, at: 20 });
  end('cancelled', { interruption: 'cancelled' }, { spend: 2_000 });

  const { spendUsd, taskCostUsd, attempts } = read();
  expect({ spendUsd, attempts, cost: [taskCostUsd.count, taskCostUsd.p50, taskCostUsd.max] }).toEqual({
    spendUsd: 0.042,
    attempts: 2,
    cost: [2, 0.002, 0.04],
  });
});

test('a result that is an error counts as a failure, also in the metrics (B11)', () => {
  const { submit, start, end, read } = observed();
  submit('a');
  start('a');

  end('a', OUT_OF_TURNS);

  const { tasks, verdicts } = read();
  expect([tasks.completed, tasks.failed, verdicts]).toEqual([0, 1, { maxTurns: 1 }]);
});

test('the steps of a chain are its whole spend (B21)', () => {
  const { submit, start, end, read } = observed();
  for (const step of ['step-0', 'step-1', 'step-2']) {
    submit(step, { tags: ['chain-7'] });
    start(step);
    end(step, ANSWERED, { spend: 100_000 });
  }

  const { spendUsd, tasks, taskCostUsd } = read();

  expect([spendUsd, tasks.completed, taskCostUsd.count, taskCostUsd.mean]).toEqual([0.3, 3, 3, 0.1]);
});

test('an attempt after a failed one is a retry, one after a rejected result is not', () => {
  const { submit, start, end, tell, read } = observed();
  submit('crashes');
  start('crashes');
  end('crashes', CRASHED, { spend: 10_000 });
  tell('crashes', { type: 'task.wake', at: 1_000_000 });
  start('crashes', 1_000_001);
  end('crashes', ANSWERED, { spend: 10_000 });
  submit('reviewed', { review: { maxRejections: 3 } });
  start('reviewed');
  end('reviewed', ANSWERED);

  tell('reviewed', { type: 'review.reject', feedback: 'Too long.', at: 30 });
  start('reviewed');

  const { attempts, retries, verdicts, tasks, queueWaitMs, taskCostUsd } = read();
  expect({ attempts, retries, verdicts, running: tasks.running, waits: queueWaitMs.count }).toEqual({
    attempts: 3,
    retries: 1,
    verdicts: { crashed: 1, succeeded: 2 },
    running: 1,
    waits: 2,
  });
  expect([taskCostUsd.count, taskCostUsd.max]).toEqual([1, 0.02]);
});

test('a late word of an old attempt is not counted', () => {
  const { submit, start, tell, read } = observed();
  submit('a');
  start('a');

  tell('a', { ...endOf(RATE_LIMITED, 5), type: 'attempt.ended', generation: 7, at: 10, chance: 0 });

  expect([read().attempts, read().spendUsd]).toEqual([0, 0]);
});

test('a task that was cancelled before it ran has cost nothing that is worth a place among the costs', () => {
  const { submit, tell, read } = observed();
  submit('a');

  tell('a', { ...cancel, at: 20 });

  expect([read().tasks.cancelled, read().taskCostUsd, read().queueWaitMs]).toEqual([1, NOTHING, NOTHING]);
});

test('an attempt without a known model counts for the one that was asked for, else for the default', () => {
  const { submit, start, end, read } = observed();
  submit('asks', { settings: { model: 'haiku' } });
  submit('does not');

  for (const id of ['asks', 'does not']) {
    start(id);
    end(id, ANSWERED, { spend: 250_000 });
  }

  expect(read().models).toEqual({ haiku: ONCE, default: ONCE });
});

test('a hundred models have names, the others are counted together', () => {
  const { submit, start, end, read } = observed();
  for (let index = 0; index < 103; index += 1) {
    const id = `task-${index}`;
    submit(id);
    start(id);
    end(id, ANSWERED, { model: `model-${index}` });
  }

  const { models } = read();

  expect([Object.keys(models).length, models['model-99']?.attempts, models['other']?.attempts]).toEqual([
    101, 1, 3,
  ]);
});

test('a percentile is at most a thousandth too high, and 0 is a value too', () => {
  const book = distributionBook();
  for (let value = 0; value <= 1_000_000; value += 1) book.observe(value);

  const { count, mean, p50, p90, p99, max } = book.read();

  const excess = [p50 / 500_000, p90 / 900_000, p99 / 990_000].map((ratio) => ratio - 1);
  expect([count, mean, max]).toEqual([1_000_001, 500_000, 1_000_000]);
  expect(excess.filter((share) => share < 0 || share > 0.001)).toEqual([]);
});

/** A book over a real directory, whose tasks run on a slot that only listens. */
function observed() {
  const book = metricsBook({ startedAt: 1_000 });
  const pool: Pick<AnyActorRef, 'send' | 'getSnapshot'> = {
    send: ignore,
    getSnapshot: () => ({ children: { 'slot-0': { send: ignore } } }),
  };
  const actor = createActor(directory({ liveTasks: 1, observe: book.observe }), {
    input: { pool: pool as never },
  }).start();
  const generations = new Map<string, number>();
  const tell = (taskId: string, event: TaskEvent): void =>
    actor.send({ type: 'directory.deliver', taskId, event });
  let seq = 0;

  return {
    read: book.read,
    tell,
    submit: (id: string, options: TaskOptions = {}): void => {
      seq += 1;
      actor.send({ type: 'directory.admit', input: taskInput(id, { seq, at: 0, options }) });
    },
    start: (id: string, at = 5): void => tell(id, { type: 'task.assigned', slotId: 'slot-0', at }),
    end: (id: string, evidence: Evidence, report: Partial<AttemptReport> = {}): void => {
      const generation = generations.get(id) ?? 0;
      generations.set(id, generation + 1);
      tell(id, {
        type: 'attempt.ended',
        generation,
        report: { ...reportOf(evidence), ...report },
        verdict: verdictOf(evidence),
        at: 10,
        chance: 0,
      });
    },
  };
}

function ignore(): void {}
