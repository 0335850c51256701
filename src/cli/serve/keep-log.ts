import type { Pool } from '../../index.ts';
import { eventLine } from '../history/event-line.ts';

/** What a person who looks after the pool wants to know; the rest is in `claude-pool events`. */
const WORTH_LOGGING =
  /^(?:pool|limit|budget)\.|^slot\.(?:recovering|failed)$|^(?:task|chain)\.(?:failed|pendingReview)$/;

/** Writes what is out of the ordinary to stderr. */
export function keepLog(pool: Pool): void {
  pool.on('event', (event) => {
    if (WORTH_LOGGING.test(event.type)) process.stderr.write(`${eventLine(event)}\n`);
  });
}
