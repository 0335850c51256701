import type { ChainInput } from './chain-types.ts';
import type { Ledger } from './budget.ts';
import type { AssignmentVoided, SlotReleased } from './directory-types.ts';
import type { Floor, FloorRules } from './floor.ts';
import type { AlarmRang } from './port.ts';
import type { Waiting } from './recovery.ts';
import type { SlotNotice, SlotOutput, SlotPolicy } from './slot-types.ts';
import type { TaskEvent, TaskInput, TaskNotice } from './task-types.ts';
import type { Message, Micros, SessionSettings, SlotIdentity, SlotSpec, Timestamp } from './types.ts';

/** What a pool is started with. */
export interface PoolInput {
  readonly slots: readonly SlotSpec[];
  readonly settings: SessionSettings;
  readonly slotPolicy: SlotPolicy;
  readonly budgetMicros?: Micros;
  /** Known to every slot; stands in the system prompt of all tasks. */
  readonly shared?: Readonly<Record<string, string>>;
  readonly rules?: FloorRules;
  readonly restored?: RestoredPool;
  /** Wait after a usage limit that names no time; doubled each time in a row. @default 30000 */
  readonly limitBackoffMs?: number;
  readonly limitBackoffMaxMs?: number;
}

/** What an earlier pool has left. */
export interface RestoredPool {
  readonly ledger: Ledger;
  readonly slots: readonly RestoredSlot[];
  /** Where the pool was parked. */
  readonly limit?: Limit;
  readonly waiting: Waiting;
  readonly at: Timestamp;
}

/** What is known of a slot by its id. */
export interface RestoredSlot {
  readonly slotId: string;
  readonly identity: SlotIdentity;
  readonly tasks: number;
  readonly spent: Micros;
  readonly inbox: readonly Message[];
}

/** What a pool knows. */
export interface PoolContext {
  readonly floor: Floor;
  readonly settings: SessionSettings;
  readonly slotPolicy: SlotPolicy;
  /** Messages that an earlier pool had not delivered, by slot. */
  readonly mail: Readonly<Record<string, readonly Message[]>>;
  readonly shared: Readonly<Record<string, string>>;
  readonly limitBackoffMs: number;
  readonly limitBackoffMaxMs: number;
  /** Why and until when the pool is parked. */
  readonly limit?: Limit | undefined;
  /** When a draining pool waits no longer for what still runs. */
  readonly closesAt?: Timestamp | undefined;
}

/** What a parked pool waits for. */
export interface Limit {
  readonly reason: 'rateLimited' | 'auth' | 'breaker';
  readonly message: string;
  readonly until: Timestamp;
  /** Times in a row that the limit was met. */
  readonly strikes: number;
}

/** What a pool hears: commands, its alarm, and what tasks, slots and chains say. */
export type PoolEvent =
  | { readonly type: 'task.submit'; readonly input: TaskInput; readonly at: Timestamp }
  /** Hands an event to a task. */
  | { readonly type: 'task.tell'; readonly taskId: string; readonly event: TaskEvent; readonly at: Timestamp }
  | { readonly type: 'chain.submit'; readonly input: ChainInput; readonly at: Timestamp }
  | { readonly type: 'chain.cancel'; readonly chainId: string; readonly at: Timestamp }
  | PoolDrain
  | PoolCommand
  | AlarmRang
  | AssignmentVoided
  | SlotReleased
  | TaskNotice
  | SlotNotice
  | SlotDone
  | GuestFailed;

/** What a caller can ask of a pool that is not about a task. */
export type PoolCommand =
  | { readonly type: 'pool.scale'; readonly slots: number; readonly at: Timestamp }
  | {
      readonly type: 'slot.configure';
      readonly slotId: string;
      readonly identity: SlotIdentity;
      readonly at: Timestamp;
    }
  /** Without a value the entry is deleted. */
  | { readonly type: 'context.set'; readonly key: string; readonly value?: string; readonly at: Timestamp }
  | { readonly type: 'message.send'; readonly message: Message; readonly at: Timestamp }
  | {
      readonly type: 'messages.read';
      readonly slotId: string;
      readonly ids: readonly string[];
      readonly at: Timestamp;
    };

/** A slot has stopped. */
export interface SlotDone {
  readonly type: `xstate.done.actor.${string}`;
  readonly actorId: string;
  readonly output: SlotOutput;
}

/** An actor below the pool has failed that is none of its own. */
export interface GuestFailed {
  readonly type: `xstate.error.actor.${string}`;
  readonly actorId: string;
  readonly error: unknown;
}

/** Takes no more work, and ends the pool when nothing runs any more. */
export interface PoolDrain {
  readonly type: 'pool.drain';
  readonly at: Timestamp;
  /** When running tasks are cancelled too, or cut off where waiting ones are kept. */
  readonly until?: Timestamp;
  /** Whether who waits is cancelled, or stays as it is for a later pool. @default 'cancel' */
  readonly pending?: 'cancel' | 'keep';
}

/** What a pool comes to. */
export interface PoolOutput {
  readonly spent: Micros;
}
