import { MICROS_PER_USD } from './types.ts';
import type { TaskContext, TaskOptions, TaskReason } from './task-types.ts';
import type { Micros } from './types.ts';

/** What the task's cap leaves for all attempts to come; `Infinity` without a cap. */
export function capLeft({ options, spend = 0 }: { options: TaskOptions; spend?: Micros }): number {
  return (options.capMicros ?? Infinity) - spend;
}

/** Why a task whose cap is spent is not tried again. */
export function capSpent({ options, spend, verdict }: TaskContext): TaskReason {
  const { capMicros = 0 } = options;
  return {
    code: 'BUDGET_EXCEEDED',
    message:
      `Expected the task's cap of ${capMicros / MICROS_PER_USD} USD to leave something for another attempt, ` +
      `got ${spend / MICROS_PER_USD} USD spent. Raise \`maxBudgetUsd\`. ${verdict?.reason ?? ''}`.trim(),
  };
}
