import type { Desk, Settled } from '../desk/desk.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Stop } from '../stop-signals.ts';

/** How long a second Ctrl-C is waited for, in milliseconds. */
const PATIENCE_MS = 1_500;
const OFFER = 'Press Ctrl-C again to cancel it.\n';
const NAMED = 5;

/** Says how to come back to work that goes on; cancels it when Ctrl-C is pressed again. Undefined for work that goes on. */
export async function leaveOrCancel(
  ids: readonly string[],
  desk: Desk,
  stop: Stop,
): Promise<readonly Settled[] | undefined> {
  const named = ids.length > NAMED ? `${ids.slice(0, NAMED).join(' ')} …` : ids.join(' ');
  const isInterrupted = stop.exitCode === EXIT_CODES.interrupt;
  process.stderr.write(`\nThe work goes on. Come back with: claude-pool wait ${named}\n`);
  if (!isInterrupted || !(await stop.again(PATIENCE_MS, OFFER))) return undefined;
  return Promise.all(ids.map((id) => desk.cancel({ id })));
}
