import type { PoolStatus } from '../api.ts';
import type { PoolEvent } from '../events.ts';
import { chainAfter, isChainEvent } from './replayed-chain.ts';
import type { ReplayedChain } from './replayed-chain.ts';
import { isTaskEvent, taskAfter } from './replayed-task.ts';
import type { ReplayedTask } from './replayed-task.ts';
import { NO_STATUS, statusAfter } from './status-change.ts';

/** A pool as it was right after an event. */
export interface Replay {
  /** Number and time of the last event that was played; 0 before the first. */
  readonly seq: number;
  readonly at: number;
  /** What `pool.status()` said then: the pool, its slots, its budget. */
  readonly status: PoolStatus;
  /** Those that the events have told of, in the order of submission. */
  readonly tasks: readonly ReplayedTask[];
  readonly chains: readonly ReplayedChain[];
}

/**
 * The state of a pool at a sequence number, from the events of its `stateDir` (`pool.history()` or `openHistory`).
 *
 * Each event carries what it is about (a task's state, slot, spend, verdict; a chain's steps) and in `change` what
 * else changed in the pool, its slots and its ledger since the event before. The first event of each start carries
 * the whole status, so one can begin at any `pool.starting`; tasks and chains are known from the first event on.
 * Prompts and answers are no events: ask for the task. Events of a pool without a `stateDir` have no `change`.
 *
 * @example
 * const events = await pool.history({ limit: 100_000 });
 * const { status, tasks } = replay(events, 250);
 */
export function replay(events: Iterable<PoolEvent>, at: number = Infinity): Replay {
  let [seq, time, status] = [0, 0, NO_STATUS];
  const tasks = new Map<string, ReplayedTask>();
  const chains = new Map<string, ReplayedChain>();
  for (const event of events) {
    if (event.seq > at) break;
    seq = event.seq;
    time = event.at;
    status = statusAfter(status, event);
    if (isTaskEvent(event)) tasks.set(event.taskId, taskAfter(tasks.get(event.taskId), event));
    if (isChainEvent(event)) chains.set(event.chainId, chainAfter(chains.get(event.chainId), event));
  }
  return { seq, at: time, status, tasks: [...tasks.values()], chains: [...chains.values()] };
}
