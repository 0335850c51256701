import type { TaskEvent, TaskInput, TaskOptions } from '../../machines/task-types.ts';
import type { Evidence } from '../../machines/types.ts';
import { endOf } from './attempt.ts';

export const WAKE = 1_000_000;
export const CANCELLED = { code: 'CANCELLED', message: 'Not wanted any more.' } as const;
export const NO_SLOTS = { code: 'NO_SLOTS_AVAILABLE', message: 'No slot is left.' } as const;

export const retryOnce = { retries: 1, backoffBaseMs: 2_000, backoffMaxMs: 60_000 };
export const assigned: TaskEvent = { type: 'task.assigned', slotId: 'slot-0', at: 10 };

export const reviewed = taskWith({ review: { maxRejections: 2 } });
export const plain = taskWith({ capMicros: 5, priority: 3 });
export const poor = taskWith({ capMicros: 1, review: { maxRejections: 2 } });

export function taskWith(options: TaskOptions): TaskInput {
  return { id: 'task-a', prompt: 'Say hi.', options, seq: 1, submittedAt: 0 };
}

export function ended({
  generation,
  evidence,
  spend = 1,
}: {
  readonly generation: number;
  readonly evidence: Evidence;
  readonly spend?: number;
}) {
  return { type: 'attempt.ended', generation, ...endOf(evidence, spend), at: 10, chance: 0.5 } as const;
}
