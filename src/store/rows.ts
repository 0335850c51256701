import { z } from 'zod';
import { readRecord } from './format.ts';
import type { Format } from './format.ts';
import type { ChainSave, TaskSave } from './port.ts';

export const TASK_COLUMNS = 'no, id, seq, state, rank, tags, until, chain, updated, ended, v, data';
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
  updated: z.number(),
});

const chainRow = recordRow.extend({
  id: z.string(),
  seq: z.number(),
  state: z.enum(['running', 'cancelling', ...ended]),
});

const tagList = z.array(z.string());

/** Throws when the row holds no task that the format can read; so do the others. */
export function taskOf<Task>(row: unknown, format: Format<Task>): TaskSave<Task> {
  const { id, seq, state, rank, tags, until, chain, updated, ...record } = taskRow.parse(row);
  return {
    id,
    seq,
    state,
    // Not `-rank`: that makes -0 of 0.
    priority: 0 - rank,
    ...(tags !== null && { tags: tagList.parse(JSON.parse(tags)) }),
    ...(until !== null && { until }),
    ...(chain !== null && { chainId: chain }),
    updatedAt: updated,
    data: readRecord(record, format),
  };
}

export function chainOf<Chain>(row: unknown, format: Format<Chain>): ChainSave<Chain> {
  const { id, seq, state, ...record } = chainRow.parse(row);
  return { id, seq, state, data: readRecord(record, format) };
}

export function recordOf<Data>(row: unknown, format: Format<Data>): Data {
  return readRecord(recordRow.parse(row), format);
}
