import { brokenLedger, brokenStatus } from './invariants/books.ts';
import { brokenSeats, brokenSlots } from './invariants/seats.ts';
import { sightOf } from './invariants/sight.ts';
import { brokenWaits, stuckWaits } from './invariants/waits.ts';
import type { WatchedPool } from './invariants/watched-pool.ts';

/** How strict a check is. */
export interface CheckOptions {
  /** By how much a deadline may be passed before it counts as missed, in milliseconds. @default 5000 */
  readonly lateMs?: number;
}

/**
 * What is wrong with a pool in this moment, each as one sentence; nothing is, when there is none.
 * Call it between events, never in a listener: there the pool may be in the middle of one.
 *
 * @example
 * expect(checkInvariants(pool)).toEqual([]);
 */
export function checkInvariants(pool: WatchedPool, { lateMs = 5_000 }: CheckOptions = {}): readonly string[] {
  const sight = sightOf(pool, lateMs);
  return [
    ...brokenSeats(sight),
    ...brokenSlots(sight),
    ...brokenLedger(sight),
    ...brokenWaits(sight),
    ...stuckWaits(sight),
    ...brokenStatus(sight),
  ];
}
