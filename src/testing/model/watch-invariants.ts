import { checkInvariants } from './check-invariants.ts';
import type { CheckOptions } from './check-invariants.ts';
import { brokenEnds, brokenGrants, brokenSpend } from './invariants/books.ts';
import { eventHistory } from './invariants/event-history.ts';
import type { EventHistory } from './invariants/event-history.ts';
import { sightOf } from './invariants/sight.ts';
import type { WatchedPool } from './invariants/watched-pool.ts';

/** Checks a pool against what was seen of it before. */
export interface InvariantWatch {
  /** What is broken now, and what was broken for a moment since the last look. Look between events, never in one. */
  look(): readonly string[];
  /** What the events have told so far. */
  readonly history: () => EventHistory;
  stop(): void;
}

/**
 * Checks what {@link checkInvariants} does and what takes a memory: that no reservation passed a budget, that all
 * spend was counted once, that an end stayed an end, that no event was lost. Begin before the first task.
 *
 * @example
 * const watch = watchInvariants(pool);
 * await pool.fanOut(['Name a bird.', 'Name a tree.']);
 * expect(watch.look()).toEqual([]);
 */
export function watchInvariants(pool: WatchedPool, options: CheckOptions = {}): InvariantWatch {
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
    look() {
      const sight = sightOf(pool);
      return [
        ...moments.splice(0),
        ...checkInvariants(pool, options),
        ...brokenSpend(sight, history),
        ...brokenEnds(sight, history),
      ];
    },
    stop() {
      subscription.unsubscribe();
      off();
    },
  };
}
