import type { Settled } from '../desk/desk.ts';
import type { OpenDesk } from '../desk/open-desk.ts';

/**
 * Waits until all have ended or wait for a review. Aborting the signal ends the wait for the work of a pool that goes
 * on, and cancels the work of another one.
 */
export async function settleAll(
  ids: readonly string[],
  { desk, isShared }: Pick<OpenDesk, 'desk' | 'isShared'>,
  signal: AbortSignal,
): Promise<readonly Settled[]> {
  const cancel = (): void => {
    for (const id of ids) desk.cancel({ id }).catch(() => undefined);
  };
  if (!isShared) signal.addEventListener('abort', cancel, { once: true });
  if (!isShared && signal.aborted) cancel();
  try {
    const ends: Settled[] = [];
    for (const id of ids) ends.push(await desk.settled({ id, ...(isShared && { signal }) }));
    return ends;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
