import pc from 'picocolors';
import type { Pool, PoolEvent } from '../index.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Stop } from './stop-signals.ts';

/** A usage limit that lasts longer is left to the caller, who can come back later. */
const WORTH_WAITING_MS = 60_000;

/** Says on stderr why the task does not go on. Stops when it would have to wait for long. */
export function tellDelays(pool: Pool, stop: Stop): void {
  pool.on('event', (event) => {
    if (event.type === 'task.backingOff') say(`Trying again: ${event.reason ?? ''}`);
    if (event.type === 'task.parked') onParked(event, stop);
  });
}

function onParked({ until = 0, at }: Extract<PoolEvent, { type: `task.${string}` }>, stop: Stop): void {
  const time = new Date(until).toLocaleString();
  if (until - at <= WORTH_WAITING_MS) return say(`A usage limit holds; trying again at ${time}.`);
  const message = `The usage limit is reached; it is lifted at ${time}. Run the task again then.`;
  stop.now({ code: 'USAGE_LIMIT', message, exitCode: EXIT_CODES.usageLimit });
}

function say(text: string): void {
  process.stderr.write(`${pc.dim(text.trim())}\n`);
}
