import pc from 'picocolors';
import type { News } from '../desk/desk.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { moment, oneLine } from '../history/plain-text.ts';
import type { Stop } from '../stop-signals.ts';

/** A usage limit that lasts longer is left to the caller, who can come back later. */
const WORTH_WAITING_MS = 60_000;

/** Says on stderr why a task does not go on. Stops when a pool of its own would have to wait for long. */
export function tellDelay(
  { change, reason = '', until = 0, at }: News,
  { isShared, stop }: { readonly isShared: boolean; readonly stop: Stop },
): void {
  if (change === 'backingOff') say(`Trying again: ${reason}`);
  if (change !== 'parked') return;
  if (isShared || until - at <= WORTH_WAITING_MS) {
    say(`A usage limit holds; trying again at ${moment(until)}.`);
    return;
  }
  const message = `The usage limit is reached; it is lifted at ${moment(until)}. Run the task again then.`;
  stop.now({ code: 'USAGE_LIMIT', message, exitCode: EXIT_CODES.tryLater });
}

function say(text: string): void {
  process.stderr.write(`${pc.dim(oneLine(text))}\n`);
}
