import { z } from 'zod';
import { PoolError } from '../../index.ts';
import type { Desk } from '../desk.ts';
import { outcomeOf, outcomeSchema } from '../outcome.ts';
import { idField, promptField, taskFields, taskOptions } from '../task-fields.ts';
import { ADDS, tool, WORKS } from '../tool.ts';
import type { Tool } from '../tool.ts';

const NO_REVIEWER =
  'Expected somebody who can decide about the result, and there is nobody: this client cannot ask the person behind it. The person can start the server with `--state-dir`, for `claude-pool review approve`, with `--inspect`, for a page, or with `--approvals agent`.';

/** Tools for results that somebody must look at. Who may decide is the pool's to say. */
export function reviewTools(desk: Desk): readonly Tool[] {
  const { pool } = desk;
  const submit = tool({
    name: 'pool_submit_with_review',
    title: 'Submit a task for review',
    description: 'Submits a task whose result waits until it is approved, or rejected with feedback.',
    annotations: WORKS,
    input: z.strictObject({
      prompt: promptField,
      max_rejections: z
        .int()
        .positive()
        .optional()
        .describe('The rejection with this number fails the task; 3 when not given.'),
      ...taskFields,
    }),
    output: z.object({ task_id: z.string(), review_required: z.literal(true), reviewer: z.string() }),
    async run({ prompt, max_rejections: maxRejections, ...fields }) {
      if (!desk.canBeReviewed()) throw new PoolError('INVALID_STATE', NO_REVIEWER);
      const options = taskOptions(fields, desk);
      const id = await pool.submitWithReview(prompt, {
        ...options,
        ...(maxRejections !== undefined && { maxRejections }),
      });
      return { task_id: id, review_required: true, reviewer: desk.approvals };
    },
  });
  return desk.approvals === 'human' ? [submit] : [submit, ...decisions(desk)];
}

function decisions(desk: Desk): readonly Tool[] {
  const { pool } = desk;
  const approve = tool({
    name: 'pool_approve_result',
    title: 'Approve a result',
    description: 'Completes a task whose result waits for review.',
    annotations: ADDS,
    input: z.strictObject({ task_id: idField }),
    output: outcomeSchema,
    async run({ task_id: id }) {
      await pool.approveResult(id);
      return outcomeOf(desk, id);
    },
  });
  const reject = tool({
    name: 'pool_reject_result',
    title: 'Reject a result',
    description:
      'Sends a task whose result waits for review back to work with feedback. The last of its rejections fails it.',
    annotations: WORKS,
    input: z.strictObject({
      task_id: idField,
      feedback: z.string().trim().min(1).describe('What is missing.'),
    }),
    output: outcomeSchema,
    async run({ task_id: id, feedback }) {
      await pool.rejectResult(id, feedback);
      return outcomeOf(desk, id);
    },
  });
  return [approve, reject];
}
