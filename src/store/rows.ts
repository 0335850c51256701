import { z } from 'zod';
import { readRecord, requireKnown } from './format.ts';
import type { Format } from './format.ts';
import type { ChainSave, TaskPlace, TaskSave } from './port.ts';

const TASK_PLACE = 'no, id, seq, state, rank, tags, until, chain, slot, plain, updated, ended, v';
export const TASK_COLUMNS = `${TASK_PLACE}, data`;
/** Of a plain task only whether its record can be read at all: there may be a million. */
export const PENDING_COLUMNS = `${TASK_PLACE}, iif(plain AND json_valid(data), NULL, data) AS data`;
export const CHAIN_COLUMNS = 'no, id, seq, state, v, data';
export const EVENT_COLUMNS = 'seq AS no, v, data';

const recordRow = z.object({ v: z.int(), data: z.string() });

const ended = ['completed', 'failed', 'cancelled'] as const;

const taskRow = recordRow.extend({
  id: z.string(),
  seq: z.number(),
  state: z.enum(['pending', 'running', 'pendingReview', ...ended]),
  rank: z.number(),
  tags: z.string().nullable(),
  until: z.number().nullable(),
  chain: z.string().nullable(),
  slot: z.string().nullable(),
  plain: z.number(),
  updated: z.number(),
});

const placeRow = z.object({
  id: z.string(),
  seq: z.number(),
  rank: z.number(),
  v: z.int(),
  plain: z.literal(1),
  data: z.null(),
});

const chainRow = recordRow.extend({
  id: z.string(),
  seq: z.number(),
  state: z.enum(['running', 'cancelling', ...ended]),
});

const tagList = z.array(z.string());

/** Throws when the row holds no task that the format can read; so do the others. */
export function taskOf<Task>(row: unknown, format: Format<Task>): TaskSave<Task> {
  const { id, seq, state, rank, tags, until, chain, slot, plain, updated, ...record } = taskRow.parse(row);
  return {
    id,
    seq,
    state,
    // Not `-rank`: that makes -0 of 0.
    priority: 0 - rank,
    ...(tags !== null && { tags: tagList.parse(JSON.parse(tags)) }),
    ...(until !== null && { until }),
    ...(chain !== null && { chainId: chain }),
    ...(slot !== null && { slotId: slot }),
    ...(plain === 1 && { isPlain: true }),
    updatedAt: updated,
    data: readRecord(record, format),
  };
}

/** The task, or the place of one that is plain. */
export function pendingOf<Task>(row: unknown, format: Format<Task>): TaskSave<Task> | TaskPlace {
  const place = placeRow.safeParse(row);
  if (!place.success) return taskOf(row, format);
  const { id, seq, rank, v } = place.data;
  requireKnown(v, format);
  return { id, seq, priority: 0 - rank };
}

export function chainOf<Chain>(row: unknown, format: Format<Chain>): ChainSave<Chain> {
  const { id, seq, state, ...record } = chainRow.parse(row);
  return { id, seq, state, data: readRecord(record, format) };
}

export function recordOf<Data>(row: unknown, format: Format<Data>): Data {
  return readRecord(recordRow.parse(row), format);
}
