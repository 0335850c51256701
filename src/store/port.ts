import type { Timestamp } from '../../machines/types.ts';

/** What a store keeps for its pool: plain JSON, read back by the formats that the pool gives. */
export interface Payloads {
  readonly task: unknown;
  readonly chain: unknown;
  readonly pool: unknown;
  readonly event: StoredEvent;
}

export type SavedTaskState = 'pending' | 'running' | 'pendingReview' | EndedState;
export type SavedChainState = 'running' | 'cancelling' | EndedState;
export type EndedState = (typeof ENDED_STATES)[number];

export const ENDED_STATES = ['completed', 'failed', 'cancelled'] as const;

/** A task as it is after a change. */
export interface TaskSave<Task> {
  readonly id: string;
  /** Order of submission. */
  readonly seq: number;
  readonly state: SavedTaskState;
  /** Higher runs sooner. */
  readonly priority: number;
  /** Those of the first save count. */
  readonly tags?: readonly string[];
  /** When a waiting task wakes. */
  readonly until?: Timestamp;
  readonly chainId?: string;
  /** The slot of its last attempt. */
  readonly slotId?: string;
  /** It waits, and its place is all that one needs to know to give it its turn. */
  readonly isPlain?: boolean;
  readonly updatedAt: Timestamp;
  readonly data: Task;
}

/** A task's place in the order in which tasks run. */
export type TaskPlace = Pick<TaskSave<unknown>, 'id' | 'seq' | 'priority'>;

/** A chain as it is after a change. */
export interface ChainSave<Chain> {
  readonly id: string;
  readonly seq: number;
  readonly state: SavedChainState;
  readonly data: Chain;
}

/** An event is kept whole; these fields are what it is found by. */
export interface StoredEvent {
  readonly seq: number;
  readonly at: Timestamp;
  readonly type: string;
  readonly taskId?: string;
}

/** Changes that become durable together. Of several versions of one task or chain, the last is kept. */
export interface StoreBatch<Kept extends Payloads> {
  readonly tasks: readonly TaskSave<Kept['task']>[];
  readonly chains: readonly ChainSave<Kept['chain']>[];
  /** The pool's own record; without it the last one stays. */
  readonly pool?: Kept['pool'];
  readonly events: readonly Kept['event'][];
}

/** What a pool starts from. */
export interface StoredPool<Kept extends Payloads> {
  readonly pool: Kept['pool'] | undefined;
  /** Chains that have not ended, in order of submission. */
  readonly chains: readonly ChainSave<Kept['chain']>[];
  /** The highest that was ever kept, also of what has been removed since; 0 for none. */
  readonly lastSeq: number;
  readonly lastEventSeq: number;
  /** Tasks that have not ended, first those that run first; of plain ones the place. Read in pages, as far as one asks. */
  readonly pending: AsyncIterable<TaskSave<Kept['task']> | TaskPlace>;
}

export interface TaskQuery {
  readonly state?: SavedTaskState;
  readonly tag?: string;
  readonly chainId?: string;
  readonly slotId?: string;
  /** @default 100 */
  readonly limit?: number;
}

export interface EventQuery {
  /** The first sequence number that is wanted. @default 1 */
  readonly from?: number;
  readonly taskId?: string;
  /** @default 1000 */
  readonly limit?: number;
}

/** A record that could not be read: it was taken out of the way, and nothing else suffers from it. */
export interface StoreProblem {
  readonly kind: 'task' | 'chain' | 'pool' | 'event';
  /** Id of the task or chain, number of the event. */
  readonly key: string;
  readonly reason: string;
  readonly at: Timestamp;
  /** The record as it was found. */
  readonly record: string;
}

/**
 * What a store can be asked. All fail with `STORE` when it cannot be read.
 * Tasks and chains are given at once: a pool recalls them in the middle of a decision.
 */
export interface StoreView<Kept extends Payloads> {
  load(): Promise<StoredPool<Kept>>;
  task(id: string): TaskSave<Kept['task']> | undefined;
  chain(id: string): ChainSave<Kept['chain']> | undefined;
  /** First those that have not ended, in the order in which they run; then the others, the last that ended first. */
  tasks(query?: TaskQuery): readonly TaskSave<Kept['task']>[];
  counts(): Promise<Readonly<Record<SavedTaskState, number>>>;
  /** In the order in which they happened. */
  events(query?: EventQuery): Promise<readonly Kept['event'][]>;
  /** Records that were set aside. */
  problems(): Promise<readonly StoreProblem[]>;
  /** What is wrong with the store itself; empty when it is sound. Takes a time that grows with its size. */
  integrity(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** The port behind which a pool's state survives it. */
export interface DurableStore<Kept extends Payloads> extends StoreView<Kept> {
  /**
   * Atomic, and durable when it resolves. Called again only after that.
   * Once it has rejected with `STORE`, it takes no more: what is kept is always all that came before some batch.
   */
  commit(batch: StoreBatch<Kept>): Promise<void>;
}

export interface Retention {
  /** Tasks that have ended and are kept, and as many chains. @default 10000 */
  readonly keepFinished?: number;
  /** Events that are kept. @default 1000000 */
  readonly keepEvents?: number;
}

export const DEFAULT_RETENTION = { keepFinished: 10_000, keepEvents: 1_000_000 } as const;

export function hasEnded(state: SavedTaskState | SavedChainState): state is EndedState {
  return ENDED_STATES.some((ended) => ended === state);
}
