import { z } from 'zod';
import type { DrainOptions } from '../api.ts';
import { PoolError } from '../errors.ts';
import { parse } from '../parse.ts';
import { definedOnly } from './defined-only.ts';
import { patience } from './fields.ts';

const drainSchema = z.strictObject({
  timeoutMs: patience.optional(),
  pending: z.enum(['cancel', 'keep']).optional(),
});

/** How a pool ends: only one with a folder can keep who waits. */
export function parseDrain(options: DrainOptions, isDurable: boolean): DrainOptions {
  const { timeoutMs, pending } = parse(drainSchema, options);
  if (pending !== 'keep' || isDurable) return definedOnly({ timeoutMs, pending });
  const message =
    'Expected a pool with a `stateDir` where `pending` is `keep`, got one that ends with its process.';
  throw new PoolError('INVALID_OPTIONS', message);
}
