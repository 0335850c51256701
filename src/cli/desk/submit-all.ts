import { PoolError } from '../../index.ts';
import type { Pool } from '../../index.ts';
import type { Desk } from './desk.ts';

/** Submits all or none. Who leaves before he knows the ids wants none of them. */
export async function submitAll(
  pool: Pool,
  { requests, isReviewed = false, signal }: Parameters<Desk['submit']>[0],
): Promise<readonly string[]> {
  const submissions = await Promise.allSettled(
    requests.map(({ prompt, ...options }) =>
      isReviewed ? pool.submitWithReview(prompt, options) : pool.submit(prompt, options),
    ),
  );
  const ids = submissions.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const refusals = submissions.map((each) => (each.status === 'rejected' ? each : undefined));
  const index = refusals.findIndex((each) => each !== undefined);
  if (index === -1 && signal?.aborted !== true) return ids;
  await Promise.all(ids.map((id) => pool.cancel(id)));
  signal?.throwIfAborted();
  throw numbered(refusals[index]?.reason, { number: index + 1, count: requests.length });
}

function numbered(
  error: unknown,
  { number, count }: { readonly number: number; readonly count: number },
): unknown {
  if (!(error instanceof PoolError) || count === 1) return error;
  return new PoolError(error.code, `Task ${number} of ${count}: ${error.message}`, { cause: error });
}
