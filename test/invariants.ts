import type { Pool } from 'claude-pool';
import { brokenEnds, brokenGrants, brokenLedger, brokenSpend, brokenStatus } from './invariants/books.ts';
import { eventHistory } from './invariants/event-history.ts';
import type { EventHistory } from './invariants/event-history.ts';
import { brokenSeats, brokenSlots } from './invariants/seats.ts';
import { sightOf } from './invariants/sight.ts';
import type { Sight } from './invariants/sight.ts';
import { brokenWaits, stuckWaits } from './invariants/waits.ts';

/** What is broken of a pool, and what was broken for a moment since the watch began. */
export interface InvariantWatch {
  /** Call it between events: a microtask after one is early enough. */
  look(): readonly string[];
  readonly history: () => EventHistory;
  stop(): void;
}

/** Keeps what the invariants of a pool need of its past. Begin before its first task. */
export function watchInvariants(pool: Pool, { lateMs = 5_000 } = {}): InvariantWatch {
  const directory = pool.actor.getSnapshot().children.directory?.getSnapshot().context;
  if (directory === undefined) throw new Error('Expected a pool that was started.');
  const history = eventHistory();
  const moments: string[] = [];
  let before = pool.actor.getSnapshot().context.floor;
  const subscription = pool.actor.subscribe({
    next({ context: { floor } }) {
      moments.push(...brokenGrants(before, floor));
      before = floor;
    },
    error: (error) => moments.push(`the pool failed: ${String(error)}`),
  });
  const off = pool.on('event', (event) => moments.push(...history.add(event)));
  return {
    history: () => history,
    look: () => [...moments.splice(0), ...brokenInvariants(sightOf(pool, { directory, history, lateMs }))],
    stop() {
      subscription.unsubscribe();
      off();
    },
  };
}

/** Each broken invariant of `design.md` §3 as one sentence that begins with its number. */
export function brokenInvariants(sight: Sight): readonly string[] {
  return [
    ...brokenSeats(sight),
    ...brokenSlots(sight),
    ...brokenLedger(sight),
    ...brokenWaits(sight),
    ...stuckWaits(sight),
    ...brokenSpend(sight),
    ...brokenEnds(sight),
    ...brokenStatus(sight),
  ];
}
