import type { AssignmentVoided } from './directory.ts';
import type { AlarmRang } from './port.ts';
import type { Floor } from './schedule.ts';
import type { SlotNotice, SlotOutput, SlotPolicy } from './slot-types.ts';
import type { TaskEvent, TaskInput, TaskNotice } from './task-types.ts';
import type { Micros, SessionSettings, SlotIdentity, Timestamp } from './types.ts';

export interface PoolInput {
  readonly slots: readonly SlotIdentity[];
  readonly settings: SessionSettings;
  readonly slotPolicy: SlotPolicy;
  readonly budgetMicros?: Micros;
  /** Wait after a usage limit that names no time; doubled each time in a row. @default 30000 */
  readonly limitBackoffMs?: number;
  readonly limitBackoffMaxMs?: number;
}

export interface PoolContext {
  readonly floor: Floor;
  readonly settings: SessionSettings;
  readonly slotPolicy: SlotPolicy;
  readonly shared: Readonly<Record<string, string>>;
  readonly limitBackoffMs: number;
  readonly limitBackoffMaxMs: number;
  /** Why and until when the pool is parked. */
  readonly limit?: Limit | undefined;
  /** When a draining pool cancels what still runs. */
  readonly closesAt?: Timestamp | undefined;
}

export interface Limit {
  readonly reason: 'rateLimited' | 'auth';
  readonly message: string;
  readonly until: Timestamp;
  /** Times in a row that the limit was met. */
  readonly strikes: number;
}

export type PoolEvent =
  | { readonly type: 'task.submit'; readonly input: TaskInput; readonly at: Timestamp }
  /** Hands an event to a task. */
  | { readonly type: 'task.tell'; readonly taskId: string; readonly event: TaskEvent; readonly at: Timestamp }
  | PoolDrain
  | AlarmRang
  | AssignmentVoided
  | TaskNotice
  | SlotNotice
  | SlotDone;

/** A slot has stopped. */
export interface SlotDone {
  readonly type: `xstate.done.actor.${string}`;
  readonly output: SlotOutput;
}

export interface PoolDrain {
  readonly type: 'pool.drain';
  readonly at: Timestamp;
  /** When running tasks are cancelled too. */
  readonly until?: Timestamp;
}

export interface PoolOutput {
  readonly spent: Micros;
}
