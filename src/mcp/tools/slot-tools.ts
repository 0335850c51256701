import { z } from 'zod';
import { PoolError } from '../../index.ts';
import type { Desk } from '../desk.ts';
import { READS, SETS, tool } from '../tool.ts';
import type { Tool } from '../tool.ts';
import { wireObject } from '../wire.ts';
import { scalingTools } from './scaling-tools.ts';

const slotField = z.string().min(1).describe('Id of a slot, such as slot-0.');
export const slotSchema = z.looseObject({ id: z.string(), state: z.string() });

/** Tools for slots: who they are and how many. */
export function slotTools(desk: Desk): readonly Tool[] {
  const { pool } = desk;
  const find = tool({
    name: 'pool_find_slots',
    title: 'Find slots',
    description: 'The slots that fit all that is given.',
    annotations: READS,
    input: z.strictObject({
      name: z.string().min(1).optional(),
      role: z.string().min(1).optional(),
      state: z
        .enum(['starting', 'idle', 'busy', 'recycling', 'recovering', 'failed', 'draining', 'stopped'])
        .optional(),
    }),
    output: z.object({ slots: z.array(slotSchema), count: z.int() }),
    run({ name, role, state }) {
      const slots = pool.findSlots({
        ...(name !== undefined && { name }),
        ...(role !== undefined && { role }),
        ...(state !== undefined && { state }),
      });
      return { slots: slots.map(wireObject), count: slots.length };
    },
  });
  const configure = tool({
    name: 'pool_configure_slot',
    title: 'Configure a slot',
    description:
      'Gives a slot another name, role or description, from its next task on; what is not given stays.',
    annotations: SETS,
    input: z.strictObject({
      slot_id: slotField,
      name: z.string().min(1).optional(),
      role: z.string().min(1).optional(),
      description: z.string().min(1).optional(),
    }),
    output: slotSchema,
    run: ({ slot_id: slot, name, role, description }) =>
      wireObject(
        pool.configureSlot(slot, {
          ...(name !== undefined && { name }),
          ...(role !== undefined && { role }),
          ...(description !== undefined && { description }),
        }),
      ),
  });
  const claim = tool({
    name: 'pool_claim',
    title: 'See what a slot works on',
    description:
      'A slot that is free takes the next waiting task by itself; this tells which task the slot has.',
    annotations: READS,
    input: z.strictObject({ slot_id: slotField }),
    output: z.object({ claimed: z.boolean(), task_id: z.string().nullable(), reason: z.string() }),
    run({ slot_id: id }) {
      const slot = pool.status().slots.find((each) => each.id === id);
      if (slot === undefined)
        throw new PoolError('SLOT_NOT_FOUND', `Expected the id of a slot, got \`${id}\`.`);
      const { taskId, state } = slot;
      const reason =
        taskId === undefined ? `The slot is ${state}: no task waits for it.` : `The slot is ${state}.`;
      return { claimed: taskId !== undefined, task_id: taskId ?? null, reason };
    },
  });
  return [find, configure, claim, ...scalingTools(desk)];
}
