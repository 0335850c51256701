import type { Pool } from '../../index.ts';

/** Resolves when somebody has drained the pool, or the signal is aborted. */
export function untilDrained(pool: Pool, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const leave = pool.on('pool.drained', end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();

    function end(): void {
      leave();
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}
