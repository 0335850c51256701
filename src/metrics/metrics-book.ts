import { isEnded } from '../../machines/task-record.ts';
import type { TaskChange } from '../../machines/directory-types.ts';
import type { TaskContext } from '../../machines/task-types.ts';
import { MICROS_PER_USD } from '../../machines/types.ts';
import type { Timestamp } from '../../machines/types.ts';
import { distributionBook } from './distribution.ts';
import { modelBooks } from './model-books.ts';
import { outcomeCounts } from './outcome-counts.ts';
import type { PoolMetrics } from './pool-metrics.ts';
import { usageBook } from './usage-book.ts';

export interface MetricsBook {
  readonly observe: (change: TaskChange) => void;
  readonly read: () => PoolMetrics;
}

type Change = Required<TaskChange>;

/** Adds up what the tasks of a pool do, in memory that does not grow with them. */
export function metricsBook({ startedAt }: { readonly startedAt: Timestamp }): MetricsBook {
  const outcomes = outcomeCounts();
  const total = usageBook();
  const models = modelBooks();
  const [taskCost, attemptMs, queueWaitMs] = [distributionBook(), distributionBook(), distributionBook()];
  let retries = 0;

  function observeSpend({ task: { context }, before }: Change): void {
    const spend = context.spend - before.context.spend;
    if (spend === 0) return;
    total.addSpend(spend);
    models.of(modelOf(context)).addSpend(spend);
  }

  function observeAttempt({ task: { context }, before, event }: Change): void {
    if (event.type !== 'attempt.ended' || context.generation === before.context.generation) return;
    const { report, verdict } = event;
    outcomes.addVerdict(verdict.name);
    total.addAttempt(report.tokensUsed);
    models.of(modelOf(context)).addAttempt(report.tokensUsed);
    attemptMs.observe(report.durationMs);
  }

  function observeStart({ task: { state, context }, before }: Change): void {
    if (state !== 'running' || before.state === 'running') return;
    const { startedAt: startedBefore, verdict } = before.context;
    if (verdict?.ok === false) retries += 1;
    if (startedBefore !== undefined || context.startedAt === undefined) return;
    queueWaitMs.observe(context.startedAt - context.submittedAt);
  }

  function observeEnd({ task: { state, context } }: Change): void {
    if (isEnded(state) && context.generation > 0) taskCost.observe(context.spend);
  }

  return {
    observe(observed) {
      outcomes.moveTask(observed);
      const { task, before, event } = observed;
      if (before === undefined || event === undefined) return;
      const change = { task, before, event };
      observeSpend(change);
      observeAttempt(change);
      observeStart(change);
      observeEnd(change);
    },
    read() {
      return {
        startedAt,
        ...outcomes.read(),
        ...total.read(),
        retries,
        models: models.read(),
        taskCostUsd: taskCost.read(MICROS_PER_USD),
        attemptMs: attemptMs.read(),
        queueWaitMs: queueWaitMs.read(),
      };
    },
  };
}

function modelOf({ report, options }: TaskContext): string {
  return report?.model ?? options.settings?.model ?? 'default';
}
