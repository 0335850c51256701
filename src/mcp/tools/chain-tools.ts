import { z } from 'zod';
import { loadChain } from '../../index.ts';
import { chainFields, chainOptions, chainParts, isolationField, stepsField } from '../chain-fields.ts';
import type { Desk } from '../desk.ts';
import { allOrNone, cancelFor, followOne } from '../follow.ts';
import { isLost, outcomeOf, outcomeSchema } from '../outcome.ts';
import { idField } from '../task-fields.ts';
import { ENDS, READS, tool, WORKS } from '../tool.ts';
import type { Tool } from '../tool.ts';

/** Tools for chains: steps that build on each other. */
export function chainTools(desk: Desk): readonly Tool[] {
  const { pool, allowsMcpServers } = desk;
  const fields = { isolation: isolationField, ...chainFields };
  const input = z.strictObject({ steps: stepsField, ...fields });
  const run = tool({
    name: 'pool_chain',
    title: 'Run a chain',
    description:
      'Runs steps one after the other and answers with all of them. `{previous_output}` in a prompt is the answer of the step before. When it takes longer than a call may, the answer has `next`, and the chain goes on. Cancelling the request cancels the chain.',
    annotations: WORKS,
    input,
    output: outcomeSchema,
    failsWhen: isLost,
    async run({ steps, isolation, ...options }, call) {
      const parts = chainParts(steps, { allowsMcpServers, isolation });
      const id = await pool.submitChain(parts, chainOptions(options));
      return followOne(id, { desk, call });
    },
  });
  const submit = tool({
    name: 'pool_submit_chain',
    title: 'Submit a chain',
    description:
      'Starts a chain and answers at once with its `task_id`, for `pool_wait` and `pool_chain_result`.',
    annotations: WORKS,
    input,
    output: z.object({ task_id: z.string() }),
    async run({ steps, isolation, ...options }) {
      const parts = chainParts(steps, { allowsMcpServers, isolation });
      return { task_id: await pool.submitChain(parts, chainOptions(options)) };
    },
  });
  const fanOut = tool({
    name: 'pool_fan_out_chains',
    title: 'Submit chains side by side',
    description: 'Starts chains beside each other and answers at once with an id for each, in order.',
    annotations: WORKS,
    input: z.strictObject({ chains: z.array(stepsField).min(1).max(100), ...fields }),
    output: z.object({ task_ids: z.array(z.string()) }),
    async run({ chains, isolation, ...options }) {
      const sources = chains.map((steps) => chainParts(steps, { allowsMcpServers, isolation }));
      const submissions = await Promise.allSettled(
        sources.map((source) => pool.submitChain(source, chainOptions(options))),
      );
      return { task_ids: await allOrNone(submissions, desk) };
    },
  });
  const result = tool({
    name: 'pool_chain_result',
    title: 'Look at a chain',
    description: 'How far a chain has come, with the output of every step that has ended. Does not wait.',
    annotations: READS,
    input: z.strictObject({ task_id: idField }),
    output: outcomeSchema,
    run({ task_id: id }) {
      pool.chainResult(id);
      return outcomeOf(desk, id);
    },
  });
  const cancel = tool({
    name: 'pool_cancel_chain',
    title: 'Cancel a chain',
    description: 'Cancels the running step of a chain and skips the rest; what was spent stays spent.',
    annotations: ENDS,
    input: z.strictObject({ task_id: idField }),
    output: outcomeSchema,
    async run({ task_id: id }, call) {
      pool.chainResult(id);
      await cancelFor([id], { desk, call });
      return outcomeOf(desk, id);
    },
  });
  const workflow = tool({
    name: 'pool_invoke_workflow',
    title: 'Start a workflow',
    description:
      'Starts a chain that is kept under a name: issue-to-pr (issue_url), refactor-and-test (target_file, refactor_goal), review-and-fix (review_target), plan-then-execute (task).',
    annotations: WORKS,
    input: z.strictObject({
      workflow: z.string().regex(/^[\w-]+$/, 'the name of a chain of this package'),
      arguments: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
      ...chainFields,
    }),
    output: z.object({ task_id: z.string(), workflow: z.string() }),
    async run({ workflow: name, arguments: args = {}, ...options }, { signal }) {
      const chain = await loadChain(name.replaceAll('_', '-'), { signal });
      const id = await pool.submitChain(chain, { ...chainOptions(options), arguments: args });
      return { task_id: id, workflow: chain.name ?? name };
    },
  });
  return [run, submit, fanOut, result, cancel, workflow];
}
