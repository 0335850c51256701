import { z } from 'zod';
import type { Formats } from '../../src/store/format.ts';
import type { ChainSave, StoreBatch, TaskSave } from '../../src/store/port.ts';

export interface Kept {
  readonly task: { readonly prompt: string };
  readonly chain: { readonly step: number };
  readonly pool: { readonly spent: number };
  readonly event: {
    readonly seq: number;
    readonly at: number;
    readonly type: string;
    readonly taskId?: string;
  };
}

const eventSchema = z.object({
  seq: z.int(),
  at: z.int(),
  type: z.string(),
  taskId: z.string().exactOptional(),
});

export const FORMATS: Formats<Kept> = {
  task: { version: 1, read: (value) => z.object({ prompt: z.string() }).parse(value) },
  chain: { version: 1, read: (value) => z.object({ step: z.int() }).parse(value) },
  pool: { version: 1, read: (value) => z.object({ spent: z.int() }).parse(value) },
  event: { version: 1, read: (value) => eventSchema.parse(value) },
};

export type Batch = StoreBatch<Kept>;

export function batch(parts: Partial<Batch> = {}): Batch {
  return { tasks: [], chains: [], events: [], ...parts };
}

export function task(seq: number, parts: Partial<TaskSave<Kept['task']>> = {}): TaskSave<Kept['task']> {
  const id = `task-${seq}`;
  return {
    id,
    seq,
    state: 'pending',
    priority: 0,
    updatedAt: 1_000,
    data: { prompt: `work ${seq}` },
    ...parts,
  };
}

export function chain(seq: number, parts: Partial<ChainSave<Kept['chain']>> = {}): ChainSave<Kept['chain']> {
  return { id: `chain-${seq}`, seq, state: 'running', data: { step: 1 }, ...parts };
}

export function event(seq: number, taskId?: string): Kept['event'] {
  return { seq, at: 1_000 + seq, type: 'task.changed', ...(taskId !== undefined && { taskId }) };
}

export async function idsOf(tasks: AsyncIterable<{ readonly id: string }>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of tasks) ids.push(id);
  return ids;
}
