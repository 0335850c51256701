import type { TaskState, TaskWait } from '../../machines/task-types.ts';
import type { Timestamp } from '../../machines/types.ts';
import type { VerdictName } from '../../machines/verdict-types.ts';
import type { PoolEvent, TaskLifecycleEvent } from '../events.ts';

/** A task as far as its events tell. */
export interface ReplayedTask {
  readonly id: string;
  readonly state: TaskState;
  /** What a pending task waits for. */
  readonly wait?: TaskWait;
  /** The slot of its last attempt. */
  readonly slotId?: string;
  readonly spendUsd: number;
  readonly verdict?: VerdictName;
  readonly reason?: string;
  /** When a task that backs off or is parked goes on. */
  readonly until?: Timestamp;
  /** When it came to this state. */
  readonly at: Timestamp;
}

export function isTaskEvent(event: PoolEvent): event is TaskLifecycleEvent {
  return event.type.startsWith('task.');
}

/** The task after one more event. */
export function taskAfter(before: ReplayedTask | undefined, event: TaskLifecycleEvent): ReplayedTask {
  const { type, taskId: id, slotId = before?.slotId, spendUsd, verdict, reason, until, at } = event;
  return {
    id,
    ...STATES[type],
    ...(slotId !== undefined && { slotId }),
    spendUsd,
    ...(verdict !== undefined && { verdict }),
    ...(reason !== undefined && { reason }),
    ...(until !== undefined && { until }),
    at,
  };
}

const STATES: Readonly<Record<TaskLifecycleEvent['type'], Pick<ReplayedTask, 'state' | 'wait'>>> = {
  'task.submitted': { state: 'pending', wait: 'ready' },
  'task.ready': { state: 'pending', wait: 'ready' },
  'task.backingOff': { state: 'pending', wait: 'backingOff' },
  'task.parked': { state: 'pending', wait: 'parked' },
  'task.running': { state: 'running' },
  'task.pendingReview': { state: 'pendingReview' },
  'task.completed': { state: 'completed' },
  'task.failed': { state: 'failed' },
  'task.cancelled': { state: 'cancelled' },
};
