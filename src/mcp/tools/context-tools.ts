import { z } from 'zod';
import type { Desk } from '../desk.ts';
import { ENDS, READS, SETS, tool } from '../tool.ts';
import type { Tool } from '../tool.ts';

const keyField = z.string().min(1);

/** Tools for the shared context: what every task is told from its start. */
export function contextTools({ pool }: Desk): readonly Tool[] {
  const set = tool({
    name: 'context_set',
    title: 'Set shared context',
    description:
      'Sets an entry of the shared context: it stands in the system prompt of every task that starts from now on.',
    annotations: SETS,
    input: z.strictObject({ key: keyField, value: z.string() }),
    output: z.object({ set: z.literal(true) }),
    run({ key, value }) {
      pool.contextSet(key, value);
      return { set: true };
    },
  });
  const get = tool({
    name: 'context_get',
    title: 'Get shared context',
    description: 'An entry of the shared context; `value` is null when there is none.',
    annotations: READS,
    input: z.strictObject({ key: keyField }),
    output: z.object({ value: z.string().nullable() }),
    run: ({ key }) => ({ value: pool.contextGet(key) ?? null }),
  });
  const remove = tool({
    name: 'context_delete',
    title: 'Delete shared context',
    description: 'Deletes an entry of the shared context, and tells whether there was one.',
    annotations: ENDS,
    input: z.strictObject({ key: keyField }),
    output: z.object({ deleted: z.boolean() }),
    run: ({ key }) => ({ deleted: pool.contextDelete(key) }),
  });
  const list = tool({
    name: 'context_list',
    title: 'List shared context',
    description: 'All entries of the shared context.',
    annotations: READS,
    input: z.strictObject({}),
    output: z.object({ entries: z.record(z.string(), z.string()) }),
    run: () => ({ entries: pool.contextList() }),
  });
  return [set, get, remove, list];
}
