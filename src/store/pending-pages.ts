import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Connection } from './connection.ts';
import { PENDING_COLUMNS } from './rows.ts';

const PAGE = 500;

const placeRow = z.object({ rank: z.number(), seq: z.number(), no: z.number() });

/**
 * Rows of the tasks that have not ended, in the order in which they run, a page at a time.
 * No page holds a transaction open, and each goes on from the place of the last row: commits may come in between.
 */
export async function* pendingPages(rows: Connection['rows']): AsyncGenerator<readonly unknown[]> {
  let place = { rank: -Infinity, seq: 0, no: 0 };
  for (;;) {
    const page = rows(
      `SELECT ${PENDING_COLUMNS} FROM tasks WHERE ended IS NULL AND (rank, seq, no) > (?, ?, ?) ` +
        'ORDER BY rank, seq, no LIMIT ?',
      [place.rank, place.seq, place.no, PAGE],
    );
    yield page;
    if (page.length < PAGE) return;
    place = placeRow.parse(page.at(-1));
    await setImmediate();
  }
}
