import type { Verdict } from './verdict-types.ts';

/** How often a task is tried again, and how long it waits before. */
export interface RetryPolicy {
  /** Attempts after the first that a task may have. */
  readonly retries: number;
  /** Wait after the first attempt; doubled after each further one, with jitter. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = { retries: 2, backoffBaseMs: 1_000, backoffMaxMs: 60_000 };

/** Whether another attempt may help and is still allowed. `attempts`: those that counted, this one included. */
export function canRetry({
  verdict,
  attempts,
  policy,
}: {
  readonly verdict: Verdict;
  readonly attempts: number;
  readonly policy: RetryPolicy;
}): boolean {
  return verdict.retry && (!verdict.counts || attempts <= policy.retries);
}

/**
 * Exponential backoff with equal jitter: half of the delay is fixed, half is random.
 * M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 * `chance` is in [0, 1) and comes from outside.
 */
export function backoffMs(
  { backoffBaseMs, backoffMaxMs }: Omit<RetryPolicy, 'retries'>,
  { attempts, chance }: { readonly attempts: number; readonly chance: number },
): number {
  const ceiling = Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.max(0, attempts - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * chance);
}
