import type { Pool, TaskInfo, TaskOutcome } from '../../index.ts';

/** How one task of the demo ended. */
export interface SummaryRow {
  readonly task: string;
  readonly state: TaskInfo['state'];
  readonly slot?: string;
  readonly seconds: number;
  readonly tokens: number;
  readonly costUsd: number;
}

export interface Summary {
  readonly tasks: readonly SummaryRow[];
  readonly totals: Omit<SummaryRow, 'task' | 'state' | 'slot'> & {
    readonly tasks: number;
    readonly completed: number;
  };
}

/** The outcomes as rows, with their totals. `seconds` of the totals is the time on the wall. */
export function summaryOf(pool: Pool, outcomes: readonly TaskOutcome[], seconds: number): Summary {
  const tasks = outcomes.map((outcome) => rowOf(pool.task(outcome.taskId), outcome));
  return {
    tasks,
    totals: {
      tasks: tasks.length,
      completed: tasks.filter(({ state }) => state === 'completed').length,
      seconds,
      tokens: sum(tasks.map(({ tokens }) => tokens)),
      costUsd: sum(tasks.map(({ costUsd }) => costUsd)),
    },
  };
}

function rowOf({ state, slotId, tags, spendUsd }: TaskInfo, outcome: TaskOutcome): SummaryRow {
  const report = outcome.status === 'completed' ? outcome.result : outcome.error.report;
  return {
    task: tags[0] ?? outcome.taskId,
    state,
    ...(slotId !== undefined && { slot: slotId }),
    seconds: (report?.durationMs ?? 0) / 1000,
    tokens: sum(Object.values(report?.tokensUsed ?? {})),
    costUsd: spendUsd,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
