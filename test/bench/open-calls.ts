import { PoolError } from 'claude-pool';

export interface OpenCalls {
  track(call: Promise<void>): void;
  /** Calls that have not ended. */
  count(): number;
  /** How often the pool refused, by code. */
  refusals(): Readonly<Record<string, number>>;
  /** Errors that a pool must not answer with. */
  readonly surprises: readonly string[];
}

/** Follows calls to their end. An error that is not the pool's own is a surprise. */
export function openCalls(): OpenCalls {
  const surprises: string[] = [];
  const codes: Record<string, number> = {};
  let open = 0;

  function sort(error: unknown): void {
    const isAbort = error instanceof DOMException && error.name === 'TimeoutError';
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (isAbort || isGone) return;
    if (!(error instanceof PoolError)) surprises.push(`a call failed: ${String(error)}`);
    else codes[error.code] = (codes[error.code] ?? 0) + 1;
  }

  return {
    surprises,
    count: () => open,
    refusals: () => codes,
    track(call: Promise<void>): void {
      open += 1;
      void call.catch(sort).finally(() => {
        open -= 1;
      });
    },
  };
}
