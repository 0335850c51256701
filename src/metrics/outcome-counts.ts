import type { TaskChange } from '../../machines/directory-types.ts';
import type { TaskState } from '../../machines/task-types.ts';
import type { VerdictName } from '../../machines/verdict-types.ts';

export interface OutcomeCounts {
  readonly moveTask: (change: TaskChange) => void;
  readonly addVerdict: (name: VerdictName) => void;
  readonly read: () => {
    readonly tasks: Readonly<Record<TaskState, number>>;
    readonly verdicts: Readonly<Partial<Record<VerdictName, number>>>;
  };
}

/** Counts tasks by state and attempts by verdict. */
export function outcomeCounts(): OutcomeCounts {
  const tasks: Record<TaskState, number> = {
    pending: 0,
    running: 0,
    pendingReview: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
  };
  const verdicts: Partial<Record<VerdictName, number>> = {};

  return {
    moveTask({ task, before }) {
      tasks[task.state] += 1;
      if (before !== undefined) tasks[before.state] -= 1;
    },
    addVerdict(name) {
      verdicts[name] = (verdicts[name] ?? 0) + 1;
    },
    read: () => ({ tasks: { ...tasks }, verdicts: { ...verdicts } }),
  };
}
