import type { QueueEntry } from './queue.ts';
import type { RetryPolicy } from './retry.ts';
import type {
  AttemptReport,
  Micros,
  SessionPolicy,
  SessionSettings,
  SlotWish,
  Timestamp,
  WorkspaceScope,
} from './types.ts';
import type { Verdict } from './verdict-types.ts';

/** What a task was submitted with, beside its prompt. */
export interface TaskOptions {
  /** Higher runs sooner. @default 0 */
  readonly priority?: number;
  readonly tags?: readonly string[];
  /** Overrides the pool's settings for this task. */
  readonly settings?: SessionSettings;
  readonly session?: SessionPolicy;
  /** @default the folder that the pool's settings name */
  readonly workspace?: WorkspaceScope;
  readonly slot?: SlotWish;
  /** Spending cap of one attempt. */
  readonly capMicros?: Micros;
  /** Time limit of one attempt. */
  readonly timeoutMs?: number;
  readonly retry?: RetryPolicy;
  /** Without any line of the CLI for this long, the attempt counts as hung when a ping is not answered either. */
  readonly silenceMs?: number;
  /** How long the task waits for a slot; time in which a limit holds the pool back does not count. */
  readonly slotWaitMs?: number;
  /** Present when a result waits for approval. */
  readonly review?: { readonly maxRejections: number };
  /** Tasks of a group prefer the slot that ran the last of them. */
  readonly group?: string;
  /** The chain and the step that the task works for. */
  readonly chain?: { readonly id: string; readonly step: string };
}

/** Where a task is in its life. `completed`, `failed` and `cancelled` never change. */
export type TaskState = 'pending' | 'running' | 'pendingReview' | 'completed' | 'failed' | 'cancelled';
/** What a pending task waits for: a slot, the end of a backoff, the end of a limit. */
export type TaskWait = 'ready' | 'backingOff' | 'parked';

/** A task as one sees it from outside, live or passivated. */
export interface TaskView {
  readonly state: TaskState;
  /** What a pending task waits for. */
  readonly wait?: TaskWait;
  readonly context: TaskContext;
}

/** What a task is started with. */
export interface TaskInput {
  readonly id: string;
  readonly prompt: string;
  readonly options: TaskOptions;
  /** Submission order within the pool. */
  readonly seq: number;
  readonly submittedAt: Timestamp;
}

/** What a task knows. */
export interface TaskContext extends TaskInput {
  /** Counts every attempt; fences off what an old one says late. */
  readonly generation: number;
  /** Attempts that counted against the retries. */
  readonly attempts: number;
  readonly feedback: readonly string[];
  readonly spend: Micros;
  readonly spendEstimated: boolean;
  readonly slotId?: string;
  readonly startedAt?: Timestamp;
  readonly endedAt?: Timestamp;
  /** When a waiting task wakes. */
  readonly until?: Timestamp;
  readonly report?: AttemptReport;
  readonly verdict?: Verdict;
  /** The conversation that the next attempt takes up, where one was cut off with its pool. */
  readonly resumption?: { readonly sessionId: string } | undefined;
  /** Why the task failed without an attempt, or was cancelled. */
  readonly reason?: TaskReason | undefined;
}

export interface Instant {
  readonly at: Timestamp;
}

/** Why a task ended without a good verdict. */
export interface TaskReason {
  readonly code: 'BUDGET_EXCEEDED' | 'NO_SLOTS_AVAILABLE' | 'TASK_FAILED' | 'CANCELLED' | 'POOL_CLOSED';
  readonly message: string;
}

/** What a task hears. */
export type TaskEvent =
  | { readonly type: 'task.assigned'; readonly slotId: string; readonly at: Timestamp }
  | AttemptEnded
  | TaskEnding
  | { readonly type: 'task.wake'; readonly at: Timestamp }
  | { readonly type: 'review.approve'; readonly at: Timestamp }
  | { readonly type: 'review.reject'; readonly at: Timestamp; readonly feedback: string };

/** Ends a task from outside. `task.fail` does so only while it waits. */
export interface TaskEnding {
  readonly type: 'task.cancel' | 'task.fail';
  readonly at: Timestamp;
  readonly reason: TaskReason;
}

/** An attempt is over: what was seen of it, and the verdict on that. */
export interface AttemptEnded {
  readonly type: 'attempt.ended';
  readonly generation: number;
  readonly report: AttemptReport;
  readonly verdict: Verdict;
  readonly at: Timestamp;
  /** Random number in [0, 1), for the jitter of a backoff. */
  readonly chance: number;
  /** Until when the pool has parked, if it has. */
  readonly parkedUntil?: Timestamp;
}

/** What a task tells its parent. */
export type TaskNotice =
  /** Waits for a slot again. */
  | { readonly type: 'task.queued'; readonly entry: TaskEntry; readonly at: Timestamp }
  /** No longer waits for a slot. */
  | { readonly type: 'task.withdrawn'; readonly entry: TaskEntry; readonly at: Timestamp }
  /** Wants `task.wake` at the time that is the entry's negative priority. */
  | { readonly type: 'task.deferred'; readonly entry: QueueEntry; readonly at: Timestamp }
  | { readonly type: 'task.recalled'; readonly entry: QueueEntry; readonly at: Timestamp }
  /** Its result waits for approval, or does not any more. */
  | { readonly type: 'review.opened' | 'review.closed'; readonly taskId: string; readonly at: Timestamp }
  | AttemptCancelled;

/** The slot should interrupt the attempt; `attempt.ended` is waited for. */
export interface AttemptCancelled {
  readonly type: 'attempt.cancelled';
  readonly taskId: string;
  readonly slotId: string;
  readonly generation: number;
  readonly at: Timestamp;
}

/** A task's place in the waiting order. */
export interface TaskEntry extends QueueEntry {
  readonly slot?: SlotWish;
  readonly capMicros?: Micros;
  /** The conversation that the task must continue. */
  readonly resume?: string;
  /** The conversation that its last attempt was in: feedback is best given there. */
  readonly recent?: string;
  readonly group?: string;
  /** The settings that need a process of their own; tasks of one kind can share a process. */
  readonly kind?: string;
  /** Its slot is not given away before the pool knows what the result leads to. */
  readonly holds?: true;
  /** How long it waits for a slot, and until when in open time. The floor knows the latter. */
  readonly patienceMs?: number;
  readonly giveUpAt?: Timestamp;
}

/** How a task ended. */
export interface TaskOutput {
  readonly taskId: string;
  readonly verdict?: Verdict;
  readonly report?: AttemptReport;
  readonly reason?: TaskReason;
}
