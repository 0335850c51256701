import { z } from 'zod';
import type { ControlRequest } from './control.ts';
import { isSubscription } from './greeting.ts';
import type { Account } from './greeting.ts';
import type { Totals } from './spend-meter.ts';
import { modelSpendsSchema } from './tokens.ts';

const usageSchema = z
  .object({
    session: z.object({ total_cost_usd: z.number().nonnegative(), model_usage: modelSpendsSchema.catch({}) }),
  })
  .transform(({ session }): Totals => ({ totalUsd: session.total_cost_usd, models: session.model_usage }));

const costSchema = z
  .object({ text: z.string().transform((text) => /cost:\s*\$([\d.]+)/i.exec(text)?.[1]) })
  .transform(({ text }): Totals => ({ totalUsd: Number(text), models: {} }))
  .refine(({ totalUsd }) => Number.isFinite(totalUsd));

/**
 * How the CLI is asked what it has spent so far, in mid-turn too.
 * For a subscription `get_usage` asks a server for the plan's limits and, in older versions, reads a week of
 * transcripts, and interrupts wait for it: then the local `get_session_cost` has to do, to a hundredth of a cent.
 */
export function totalsRequest(account: Account): ControlRequest {
  if (isSubscription(account)) return { subtype: 'get_session_cost' };
  return { subtype: 'get_usage', skip_behaviors: true, detached: true };
}

export function totalsIn(answer: unknown): Totals | undefined {
  const parsed = z.union([usageSchema, costSchema]).safeParse(answer);
  return parsed.success ? parsed.data : undefined;
}
