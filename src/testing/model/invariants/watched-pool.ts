import type { Actor } from 'xstate';
import type { poolMachine } from '../../../../machines/pool.ts';

/** What the invariants read of a pool; a `Pool` is one. */
export interface WatchedPool {
  readonly actor: Pick<Actor<typeof poolMachine>, 'getSnapshot' | 'subscribe'>;
  status(): WatchedStatus;
  on(type: 'event', listener: (event: WatchedEvent) => void): () => void;
}

/** What the invariants read of `pool.status()`. */
export interface WatchedStatus {
  readonly state: string;
  readonly activeTasks: number;
  readonly pendingTasks: number;
  readonly pendingReview: number;
  readonly limit: { readonly state: string };
}

/** What the invariants read of an event. */
export interface WatchedEvent {
  readonly seq: number;
  readonly type: string;
  readonly taskId?: string;
  readonly spendUsd?: number;
}
