import { z } from 'zod';
import { PoolError } from '../index.ts';
import type { Pool } from '../index.ts';

const taskId = z.string().max(200);
const order = z.discriminatedUnion('order', [
  z.strictObject({ order: z.literal('approve'), taskId }),
  z.strictObject({ order: z.literal('reject'), taskId, feedback: z.string().min(1).max(20_000) }),
  z.strictObject({ order: z.literal('cancel'), taskId }),
]);

/** Does what a reader of the page has ordered. Rejects with `INVALID_OPTIONS`, or with what the pool says. */
export async function carryOut(pool: Pool, text: string, signal: AbortSignal): Promise<void> {
  const parsed = order.safeParse(jsonOf(text));
  if (!parsed.success) {
    const message = 'Expected an order `approve`, `reject` or `cancel` with a `taskId`, got something else.';
    throw new PoolError('INVALID_OPTIONS', message, { cause: parsed.error });
  }
  const { data } = parsed;
  if (data.order === 'approve') await pool.approveResult(data.taskId, { signal });
  if (data.order === 'reject') await pool.rejectResult(data.taskId, data.feedback, { signal });
  if (data.order === 'cancel') await pool.cancel(data.taskId, { signal });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
