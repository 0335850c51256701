import type { AnyActorRef } from 'xstate';
import type { ChainChange, ChainRecord, ChainShelf } from './chain-shelf.ts';
import type { ChainEvent, ChainInput, ChainNotice, ChainOutput } from './chain-types.ts';
import type { Entry } from './task-record.ts';
import type { TaskEvent, TaskInput, TaskNotice, TaskOutput, TaskState, TaskView } from './task-types.ts';
import type { Micros, Timestamp } from './types.ts';

export type DirectoryEvent =
  | { readonly type: 'directory.admit'; readonly input: TaskInput }
  /** Hands a task's next attempt to a slot; `assignment.voided` answers when the task does not wait any more. */
  | DirectoryAssign
  | DirectoryDelivery
  | SlotReleased
  | TaskNotice
  | DirectoryKept
  | DirectoryLost
  | { readonly type: 'directory.admitChain'; readonly input: ChainInput }
  | { readonly type: 'directory.tellChain'; readonly chainId: string; readonly event: ChainEvent }
  | ChainNotice
  | { readonly type: 'xstate.done.actor.task'; readonly output: TaskOutput }
  | { readonly type: 'xstate.done.actor.chain'; readonly output: ChainOutput };

export interface DirectoryDelivery {
  readonly type: 'directory.deliver';
  readonly taskId: string;
  readonly event: TaskEvent;
  /** The slot that is held until all that the event leads to is known. */
  readonly releases?: string;
}

/** These are kept elsewhere as they are here: those that are passivated leave memory, and are recalled from there. */
export interface DirectoryKept {
  readonly type: 'directory.kept';
  readonly tasks: readonly TaskView[];
}

/** Of a task that somebody waits for nothing is left, here or elsewhere. */
export interface DirectoryLost {
  readonly type: 'directory.lost';
  readonly taskId: string;
  readonly at: Timestamp;
}

/** The directory says it to itself, behind all that an event has led to, and then to the pool. */
export interface SlotReleased {
  readonly type: 'slot.released';
  readonly slotId: string;
  readonly at: Timestamp;
}

export interface DirectoryAssign {
  readonly type: 'directory.assign';
  readonly taskId: string;
  readonly slotId: string;
  readonly at: Timestamp;
  /** What the attempt is held to, when it is. */
  readonly capMicros?: Micros;
  /** The conversation that the slot is in, when it is the one of the task's last attempt. */
  readonly conversation?: string;
  /** The slot's conversation is none of the task's group. */
  readonly isStranger?: boolean;
  readonly isProbe?: true;
}

/** What a directory tells the pool, beside the notices of its tasks. */
export interface AssignmentVoided {
  readonly type: 'assignment.voided';
  readonly slotId: string;
  readonly at: Timestamp;
}

/** How much of its tasks and chains a directory keeps at hand, and who hears of them. */
export interface DirectoryOptions {
  /** Idle tasks that stay live, and chains; the others are kept as their snapshots. @default 1000 */
  readonly liveTasks?: number;
  /** Tasks that have ended and stay in memory. @default 10000 */
  readonly keepFinished?: number;
  /** Finds a task that has left memory. With it none leaves before `directory.kept` names it as it is. */
  readonly recall?: (taskId: string) => TaskView | undefined;
  /** Told of each change of a task, right after it. */
  readonly observe?: (change: TaskChange) => void;
  readonly observeChain?: (change: ChainChange) => void;
  /** What an earlier pool has left, as far as it has not ended. */
  readonly restored?: RestoredWork;
}

export interface DirectoryInput {
  readonly pool: AnyActorRef;
}

export interface RestoredWork {
  /** Tasks that wait, in whatever way; those that can be recalled need not be among them. */
  readonly tasks: readonly TaskView[];
  readonly chains: readonly ChainRecord[];
  /** All tasks, by state. */
  readonly counts: Readonly<Record<TaskState, number>>;
}

/** A task that has just changed, what it was before, and the event that changed it. */
export interface TaskChange {
  readonly task: TaskView;
  /** Absent for an admission, as is `event`. */
  readonly before?: TaskView;
  readonly event?: TaskEvent;
}

export interface DirectoryContext {
  readonly pool: AnyActorRef;
  readonly entries: Map<string, Entry>;
  readonly chains: ChainShelf;
  /** Ring of the ids that ended last. */
  readonly finished: string[];
  /** Where in the ring the next one goes. */
  oldest: number;
  readonly counts: Record<TaskState, number>;
  /** How many idle tasks are live. */
  liveIdle: number;
}
