import { z } from 'zod';
import { PoolError } from '../../index.ts';
import type { TaskInfo } from '../../index.ts';
import type { Desk } from '../desk.ts';
import { cancelFor, outcomesAnswer } from '../follow.ts';
import { outcomeOf, outcomeSchema } from '../outcome.ts';
import { idField } from '../task-fields.ts';
import { ENDS, READS, tool } from '../tool.ts';
import type { Answer, Tool } from '../tool.ts';
import { waitFor } from '../wait-for.ts';
import { wireObject } from '../wire.ts';

const SHOWN_CHARACTERS = 200;

/** Tools for tasks that were started before. */
export function taskTools(desk: Desk): readonly Tool[] {
  const { pool } = desk;
  const wait = tool({
    name: 'pool_wait',
    title: 'Wait for tasks',
    description:
      'Waits until tasks or chains have ended, as long as a call may take, and tells how far each has come. Call it again while `next` is there. Cancelling the request ends the wait only.',
    annotations: READS,
    input: z.strictObject({
      task_id: idField.optional(),
      task_ids: z.array(idField).min(1).max(500).optional(),
      until: z.enum(['all', 'any']).default('all').describe('Whether to wait for all, or for the first one.'),
    }),
    output: z.looseObject({ outcomes: z.array(outcomeSchema), next: z.string().optional() }),
    async run({ task_id: one, task_ids: many = [], until }, call) {
      const ids = [...new Set([...(one === undefined ? [] : [one]), ...many])];
      if (ids.length === 0)
        throw new PoolError('INVALID_OPTIONS', 'Expected `task_id` or `task_ids`, got neither.');
      await Promise.all(ids.map((id) => outcomeOf(desk, id)));
      await waitFor(ids, { desk, call, until });
      return outcomesAnswer(await Promise.all(ids.map((id) => outcomeOf(desk, id))));
    },
  });
  const result = tool({
    name: 'pool_result',
    title: 'Look at a task',
    description: 'How far a task has come, with its output once there is one. Does not wait.',
    annotations: READS,
    input: z.strictObject({ task_id: idField }),
    output: outcomeSchema,
    run: ({ task_id: id }) => outcomeOf(desk, id),
  });
  const cancel = tool({
    name: 'pool_cancel',
    title: 'Cancel a task',
    description: 'Cancels a task or a chain with its process work; what it has spent stays spent.',
    annotations: ENDS,
    input: z.strictObject({ task_id: idField }),
    output: outcomeSchema,
    async run({ task_id: id }, call) {
      await cancelFor([id], { desk, call });
      return outcomeOf(desk, id);
    },
  });
  const list = tool({
    name: 'pool_list_tasks',
    title: 'List tasks',
    description:
      'Tasks, prompts shortened, without outputs: in the order of their submission; with a state folder first those that have not ended, as they run, then the last that ended.',
    annotations: READS,
    input: z.strictObject({
      state: z.enum(['pending', 'running', 'pendingReview', 'completed', 'failed', 'cancelled']).optional(),
      tag: z.string().min(1).optional(),
      slot_id: z.string().min(1).optional(),
      limit: z.int().positive().max(1_000).default(100),
    }),
    output: z.object({
      tasks: z.array(z.looseObject({ task_id: z.string(), state: z.string(), prompt: z.string() })),
    }),
    run: ({ state, tag, slot_id: slot, limit }) => ({
      tasks: pool
        .tasks({
          limit,
          ...(state !== undefined && { state }),
          ...(tag !== undefined && { tag }),
          ...(slot !== undefined && { slot }),
        })
        .map(briefOf),
    }),
  });
  return [wait, result, cancel, list];
}

function briefOf(task: TaskInfo): Answer {
  const { id, prompt, result: _result, error, feedback: _feedback, ...rest } = task;
  return {
    task_id: id,
    prompt: prompt.length > SHOWN_CHARACTERS ? `${prompt.slice(0, SHOWN_CHARACTERS)} …` : prompt,
    ...wireObject(rest),
    ...(error !== undefined && { error_code: error.code }),
  };
}
