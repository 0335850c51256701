import { z } from 'zod';
import type { Connection } from './connection.ts';
import { ENDED_STATES, hasEnded } from './port.ts';
import type { SavedChainState, SavedTaskState } from './port.ts';

const lastRow = z.object({ last: z.number().nullable() });

export interface EndCounter {
  /** The number of an end; undefined for what has not ended. */
  of(state: SavedTaskState | SavedChainState): number | undefined;
  last(): number;
}

/** Numbers what ends in the order of the ends, going on from what the store holds. */
export function endCounter(connection: Connection, table: 'tasks' | 'chains'): EndCounter {
  // One look-up per state, each at the end of an index: a `max` over all of them reads every row.
  let last = Math.max(0, ...ENDED_STATES.map(lastIn));

  function lastIn(state: string): number {
    const [row] = connection.rows(
      `SELECT max(ended) AS last FROM ${table} WHERE state = ? AND ended IS NOT NULL`,
      [state],
    );
    return lastRow.parse(row).last ?? 0;
  }

  return {
    of(state) {
      if (!hasEnded(state)) return undefined;
      last += 1;
      return last;
    },
    last: () => last,
  };
}
