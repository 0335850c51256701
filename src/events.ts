import type { ChainState } from '../machines/chain-shelf.ts';
import type { StepStatus } from '../machines/step-types.ts';
import type { TaskState, TaskWait } from '../machines/task-types.ts';
import type { Message, Timestamp } from '../machines/types.ts';
import type { VerdictName } from '../machines/verdict-types.ts';

/** Where a pool is in its life. */
export type LifecycleState = 'starting' | 'open' | 'draining' | 'drained';
/** Whether a limit holds the whole pool back. `probing`: one task finds out whether it still does. */
export type LimitState = 'clear' | 'parked' | 'probing';
/** Whether something is left of the pool's budget. */
export type BudgetState = 'within' | 'exhausted';
/** What a slot does. */
export type SlotState =
  'starting' | 'idle' | 'busy' | 'recycling' | 'recovering' | 'failed' | 'draining' | 'stopped';

/** A change of one actor's state. */
export type PoolEvent =
  TaskLifecycleEvent | ChainLifecycleEvent | SlotLifecycleEvent | PoolLifecycleEvent | MissedEvents;

interface EventBase {
  /** Counts every event of the pool, from 1. */
  readonly seq: number;
  readonly at: Timestamp;
  /** How `pool.status()` differs from what it was at the event before. Only a pool with a `stateDir` tells it. */
  readonly change?: StatusChange;
}

/**
 * What is other than before; `null` for what is gone. The first event of each start, `pool.starting`, tells all.
 */
export interface StatusChange {
  readonly state?: LifecycleState;
  readonly activeTasks?: number;
  readonly pendingTasks?: number;
  readonly pendingReview?: number;
  readonly completedTasks?: number;
  readonly failedTasks?: number;
  readonly cancelledTasks?: number;
  readonly spendUsd?: number;
  readonly estimatedUsd?: number;
  readonly reservedUsd?: number;
  readonly budgetUsd?: number | null;
  readonly remainingUsd?: number | null;
  readonly limit?: {
    readonly state: LimitState;
    readonly cause?: 'rateLimited' | 'auth' | 'breaker';
    readonly reason?: string;
    readonly until?: Timestamp;
  };
  /** The slots that there are, in their order, when it has changed. */
  readonly slotIds?: readonly string[];
  /** The slots that are other than before. */
  readonly slots?: readonly SlotChange[];
}

/** What is other of a slot than before; `null` for what is gone. */
export interface SlotChange {
  readonly id: string;
  readonly name?: string | null;
  readonly role?: string | null;
  readonly description?: string | null;
  readonly state?: SlotState;
  readonly activeTasks?: number;
  readonly taskId?: string | null;
  readonly tasksCompleted?: number;
  readonly spendUsd?: number;
  readonly budgetUsd?: number | null;
  readonly messages?: number;
  readonly restarts?: number;
  readonly reason?: string | null;
}

/** A task came into another state. */
export interface TaskLifecycleEvent extends EventBase {
  readonly type: `task.${'submitted' | TaskWait | Exclude<TaskState, 'pending'>}`;
  readonly taskId: string;
  readonly slotId?: string;
  readonly verdict?: VerdictName;
  readonly reason?: string;
  /** What the task has spent so far, in US dollars. */
  readonly spendUsd: number;
  readonly until?: Timestamp;
}

/** A chain or one of its steps came into another state. */
export interface ChainLifecycleEvent extends EventBase {
  readonly type:
    | `chain.${'submitted' | Exclude<ChainState, 'pending'>}`
    | 'chain.stepStarted'
    | 'chain.stepRetrying'
    | 'chain.stepRecovering'
    | 'chain.stepEnded';
  readonly chainId: string;
  readonly step?: string;
  /** How the step ended. */
  readonly status?: StepStatus;
  readonly reason?: string;
  /** What the chain has spent so far, in US dollars. */
  readonly spendUsd: number;
}

/** A slot came into another state, or was given a name or a message. */
export interface SlotLifecycleEvent extends EventBase {
  readonly type: `slot.${SlotState | 'configured' | 'messageReceived' | 'messagesRead'}`;
  readonly slotId: string;
  readonly taskId?: string;
  readonly reason?: string;
  /** Of `slot.stopped`: messages that the slot had not been told when it was scaled away. Nobody else is. */
  readonly undelivered?: readonly Message[];
}

/** The pool came into another state: itself, its limit, its budget, its size or its shared context. */
export interface PoolLifecycleEvent extends EventBase {
  readonly type:
    | `pool.${LifecycleState}`
    | `limit.${LimitState}`
    | `budget.${BudgetState}`
    | 'pool.scaled'
    | 'context.changed';
  readonly until?: Timestamp;
  readonly reason?: string;
}

/** A reader of `events` was slower than the pool: this many events were dropped for it, the last one with this `seq`. */
export interface MissedEvents extends EventBase {
  readonly type: 'events.missed';
  readonly count: number;
}

/** The events that a type names; `'event'` names all. */
export type PoolEventOf<Type extends string> = Type extends 'event' ? PoolEvent : Named<PoolEvent, Type>;

type Named<Event, Type> = Event extends { readonly type: infer Name }
  ? Type extends Name
    ? Event
    : never
  : never;
