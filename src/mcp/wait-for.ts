import { setMaxListeners } from 'node:events';
import { boundOf } from './bound-of.ts';
import type { Desk } from './desk.ts';
import { isChain, taskNamed } from './outcome.ts';
import { reportEvents } from './report-events.ts';
import type { Call } from './tool.ts';

/** Whether one end is enough. */
export type Until = 'any' | 'all';

interface Waiting {
  readonly desk: Desk;
  readonly call: Call;
  /** @default 'all' */
  readonly until?: Until;
}

/**
 * Waits until tasks and chains have ended or wait for a review, at most as long as a call may take.
 * Throws when the client takes its request back.
 */
export async function waitFor(ids: readonly string[], { desk, call, until = 'all' }: Waiting): Promise<void> {
  call.signal.throwIfAborted();
  using bound = boundOf(call);
  const { signal } = bound;
  setMaxListeners(0, signal);
  const stopReports = reportEvents(ids, { desk, call });
  try {
    const ends = ids.map((id) => settled(id, desk, signal));
    await (until === 'all' ? Promise.all(ends) : Promise.race(ends));
    call.signal.throwIfAborted();
  } finally {
    stopReports();
  }
}

/** Resolves also when the signal is aborted. */
async function settled(id: string, desk: Desk, signal: AbortSignal): Promise<void> {
  if (isChain(id, desk)) return ended(desk.pool.waitChain(id, { signal }));
  await endedOrReviewed(id, desk, signal);
  const task = taskNamed(desk, id);
  if (signal.aborted || task?.state !== 'pendingReview' || desk.approvals === 'agent') return;
  const isDecided = await Promise.race([desk.reviewer.decide(task), aborted(signal)]);
  if (isDecided) await settled(id, desk, signal);
}

function endedOrReviewed(id: string, desk: Desk, signal: AbortSignal): Promise<void> {
  if (taskNamed(desk, id)?.state === 'pendingReview') return Promise.resolve();
  return new Promise((resolve) => {
    const stop = desk.pool.on('task.pendingReview', ({ taskId }) => {
      if (taskId === id) resolve();
    });
    void ended(desk.pool.wait(id, { signal })).then(stop).then(resolve);
  });
}

/** How it ended is read from the pool; that it is not there at all shows there too. */
async function ended(end: Promise<unknown>): Promise<void> {
  await end.catch(() => undefined);
}

function aborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true });
  });
}
