import { z } from 'zod';
import type { Desk } from '../desk.ts';
import { ADDS, ENDS, SETS, tool } from '../tool.ts';
import type { Tool } from '../tool.ts';

const countField = z.int().positive();
const totalSchema = z.object({ total_slots: z.int() });

/** Tools that change how many slots there are. */
export function scalingTools({ pool }: Desk): readonly Tool[] {
  const up = tool({
    name: 'pool_scale_up',
    title: 'Start more slots',
    description: 'Starts more slots, and tells how many there will be.',
    annotations: ADDS,
    input: z.strictObject({ count: countField }),
    output: totalSchema,
    run: ({ count }) => ({ total_slots: pool.scaleUp(count) }),
  });
  const down = tool({
    name: 'pool_scale_down',
    title: 'Stop slots',
    description: 'Stops slots: idle ones at once, busy ones after their task. Tells how many there will be.',
    annotations: { ...ENDS, idempotentHint: false },
    input: z.strictObject({ count: countField }),
    output: totalSchema,
    run: ({ count }) => ({ total_slots: pool.scaleDown(count) }),
  });
  const target = tool({
    name: 'pool_set_target_slots',
    title: 'Set the number of slots',
    description: 'Scales up or down to so many slots, and replaces those that have failed.',
    annotations: SETS,
    input: z.strictObject({ target: countField }),
    output: totalSchema,
    run: ({ target: count }) => ({ total_slots: pool.setTargetSlots(count) }),
  });
  return [up, down, target];
}
