import { z } from 'zod';
import type { Desk } from '../desk.ts';
import { allOrNone, follow, followOne, outcomesAnswer } from '../follow.ts';
import { isLost, outcomeSchema } from '../outcome.ts';
import { promptField, taskFields, taskOptions } from '../task-fields.ts';
import { tool, WORKS } from '../tool.ts';
import type { Tool } from '../tool.ts';

const requestSchema = z.strictObject({ prompt: promptField, ...taskFields });

/** Tools that start tasks. */
export function runTools(desk: Desk): readonly Tool[] {
  const { pool } = desk;
  const run = tool({
    name: 'pool_run',
    title: 'Run a task',
    description:
      'Runs one task on the pool and answers with its result. When it takes longer than a call may, the answer has `state` and `next`, and the task goes on. Cancelling the request cancels the task.',
    annotations: WORKS,
    input: requestSchema,
    output: outcomeSchema,
    failsWhen: isLost,
    async run({ prompt, ...fields }, call) {
      const id = await pool.submit(prompt, taskOptions(fields, desk));
      return followOne(id, { desk, call });
    },
  });
  const submit = tool({
    name: 'pool_submit',
    title: 'Submit a task',
    description: 'Submits a task and answers at once with its `task_id`, for `pool_wait` and `pool_result`.',
    annotations: WORKS,
    input: requestSchema,
    output: z.object({ task_id: z.string() }),
    run: async ({ prompt, ...fields }) => ({ task_id: await pool.submit(prompt, taskOptions(fields, desk)) }),
  });
  const fanOut = tool({
    name: 'pool_fan_out',
    title: 'Run tasks side by side',
    description:
      'Runs independent prompts beside each other: one outcome for each, in order, failures included. The other arguments hold for all; a prompt may be an object with its own. What takes longer than a call may goes on. Cancelling the request cancels what has not ended.',
    annotations: WORKS,
    input: z.strictObject({
      prompts: z
        .array(z.union([promptField, requestSchema]))
        .min(1)
        .max(500),
      ...taskFields,
    }),
    output: z.looseObject({ outcomes: z.array(outcomeSchema), next: z.string().optional() }),
    async run({ prompts, ...shared }, call) {
      const requests = prompts.map((each) => {
        const { prompt, ...own } = typeof each === 'string' ? { prompt: each } : each;
        return { prompt, options: taskOptions({ ...shared, ...own }, desk) };
      });
      const submissions = await Promise.allSettled(
        requests.map(({ prompt, options }) => pool.submit(prompt, options)),
      );
      const ids = await allOrNone(submissions, desk);
      return outcomesAnswer(await follow(ids, { desk, call }));
    },
  });
  return [run, submit, fanOut];
}
