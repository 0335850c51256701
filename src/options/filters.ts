import { z } from 'zod';
import type { ChainFilter, SlotFilter, TaskFilter } from '../api.ts';
import { parse } from '../parse.ts';

const text = z.string().optional();
const limit = z.number().nonnegative().optional();

const taskFilter = z.strictObject({
  state: z.enum(['pending', 'running', 'pendingReview', 'completed', 'failed', 'cancelled']).optional(),
  tag: text,
  slot: text,
  limit,
});

const chainFilter = z.strictObject({
  state: z.enum(['pending', 'running', 'cancelling', 'completed', 'failed', 'cancelled']).optional(),
  limit,
});

const slotFilter = z.strictObject({
  name: text,
  role: text,
  state: z
    .enum(['starting', 'idle', 'busy', 'recycling', 'recovering', 'failed', 'draining', 'stopped'])
    .optional(),
});

/** Each gives the filter as it came, once nothing else stands in it. */
export function parseTaskFilter(filter: TaskFilter): TaskFilter {
  parse(taskFilter, filter);
  return filter;
}

export function parseChainFilter(filter: ChainFilter): ChainFilter {
  parse(chainFilter, filter);
  return filter;
}

export function parseSlotFilter(filter: SlotFilter): SlotFilter {
  parse(slotFilter, filter);
  return filter;
}
