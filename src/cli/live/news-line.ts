import type { News } from '../desk/desk.ts';
import { oneLine } from '../history/plain-text.ts';

const TITLE_WIDTH = 20;

/** News as one line, with the seconds since it began. */
export function newsLine({ at, title, change, slotId = '', reason }: News, startedAt: number): string {
  const seconds = `${((at - startedAt) / 1000).toFixed(2)}s`.padStart(7);
  const why = isTrouble(change) && reason !== undefined ? `  ${oneLine(reason, 120)}` : '';
  return `${seconds}  ${wordFor(change).padEnd(10)} ${oneLine(title, 60).padEnd(TITLE_WIDTH)} ${slotId}${why}`.trimEnd();
}

/** A step is told by its name: `stepEnded` has ended. */
function wordFor(change: string): string {
  return change.startsWith('step') ? change.slice('step'.length).toLowerCase() : change;
}

function isTrouble(change: string): boolean {
  return /^(?:failed|cancelled|backingOff|parked|stepRetrying|stepRecovering)$/.test(change);
}
