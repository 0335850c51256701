import { z } from 'zod';
import type { Format, Formats } from '../store/format.ts';
import type { Kept } from './kept.ts';

const text = z.string();
const number = z.number();

const taskSchema = z.looseObject({
  state: z.enum(['pending', 'running', 'pendingReview', 'completed', 'failed', 'cancelled']),
  wait: z.enum(['ready', 'backingOff', 'parked']).optional(),
  context: z.looseObject({
    id: text,
    prompt: text,
    options: z.looseObject({}),
    seq: number,
    submittedAt: number,
    generation: number,
    attempts: number,
    feedback: z.array(text),
    spend: number,
    spendEstimated: z.boolean(),
  }),
});

const chainSchema = z.looseObject({
  view: z.looseObject({ state: text, context: z.looseObject({ id: text, seq: number }) }),
});

const poolSchema = z.looseObject({
  ledger: z.looseObject({ spent: number, reserved: number, settled: number, estimated: number }),
  shared: z.record(text, text),
  limit: z.looseObject({ reason: text, message: text, until: number, strikes: number }).optional(),
  slots: z.array(z.looseObject({ slotId: text, spent: number, tasks: number, reserved: number })),
  counts: z.looseObject({ completed: number, failed: number, cancelled: number }),
});

const eventSchema = z.looseObject({ seq: number, at: number, type: text });

/** How each kind of record is written now and read back. What the machines own is checked for its outline only. */
export const formats: Formats<Kept> = {
  task: formatOf<Kept['task']>(taskSchema),
  chain: formatOf<Kept['chain']>(chainSchema),
  pool: formatOf<Kept['pool']>(poolSchema),
  event: formatOf<Kept['event']>(eventSchema),
};

function formatOf<Data>(schema: z.ZodType): Format<Data> {
  return { version: 1, read: (value) => schema.parse(value) as Data };
}
