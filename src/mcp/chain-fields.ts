import { z } from 'zod';
import { PoolError } from '../index.ts';
import type { ChainOptions, ChainPartForm, ChainStepForm, TaskOptions } from '../index.ts';
import type { Desk } from './desk.ts';
import { stepFields, taskOptions } from './task-fields.ts';

const stepSchema = z.strictObject({
  name: z.string().min(1).describe('Unique within the chain.'),
  prompt: z.string().min(1).optional().describe('May hold `{previous_output}` and `{steps.NAME.VALUE}`.'),
  skill: z.string().min(1).optional().describe('Instead of a prompt.'),
  type: z.enum(['prompt', 'skill']).optional().describe('What `value` is; `prompt` when not given.'),
  value: z.string().min(1).optional().describe('Another way to give the prompt or the skill.'),
  arguments: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('Of the skill.'),
  retries: z.int().nonnegative().optional(),
  recovery_prompt: z
    .string()
    .min(1)
    .optional()
    .describe('Tried once when every retry is spent; may hold `{error}`.'),
  output_vars: z
    .record(z.string(), z.string())
    .optional()
    .describe('Values of a JSON answer that later steps refer to, each with its path: `a.b[0]`, or `.`.'),
  when: z
    .strictObject({ value: z.string(), equals: z.string().optional(), not_equals: z.string().optional() })
    .optional()
    .describe('The step is skipped unless the value is equal, or is not.'),
  ...stepFields,
});

export const stepsField = z
  .array(z.union([stepSchema, z.strictObject({ parallel: z.array(stepSchema).min(1) })]))
  .min(1)
  .describe('Steps in their order. `{ parallel: [steps] }` runs some beside each other.');

/** Options of a chain, as arguments of a tool. */
export const chainFields = {
  tags: z.array(z.string().min(1)).optional(),
  max_budget_usd: z.number().positive().optional().describe('Cap on what the chain spends.'),
  on_failure: z
    .enum(['abort', 'continue'])
    .optional()
    .describe('Whether the first failed step ends the chain.'),
  session: z
    .enum(['chain', 'fresh'])
    .optional()
    .describe('Whether steps go on with the conversation of the step before.'),
};

/** Where the steps of a given chain work. */
export const isolationField = z
  .enum(['none', 'worktree'])
  .optional()
  .describe(
    '`worktree` gives the chain one of its own, that all its steps work in. `none` leaves it to the pool.',
  );

const chainFieldsSchema = z.object(chainFields);

interface Ground extends Pick<Desk, 'allowsMcpServers'> {
  readonly isolation: z.output<typeof isolationField>;
}

/** The parts of the pool's own form of a chain. */
export function chainParts(
  steps: z.output<typeof stepsField>,
  ground: Ground,
): readonly ChainPartForm<TaskOptions>[] {
  return steps.map((part) =>
    'parallel' in part
      ? { parallel: part.parallel.map((step) => stepForm(step, ground)) }
      : stepForm(part, ground),
  );
}

export function chainOptions(fields: z.output<typeof chainFieldsSchema>): ChainOptions {
  const { tags, max_budget_usd: maxBudgetUsd, on_failure: onFailure, session } = fields;
  return {
    ...(tags !== undefined && { tags }),
    ...(maxBudgetUsd !== undefined && { maxBudgetUsd }),
    ...(onFailure !== undefined && { onFailure }),
    ...(session !== undefined && { session }),
  };
}

function stepForm(
  step: z.output<typeof stepSchema>,
  { isolation, ...desk }: Ground,
): ChainStepForm<TaskOptions> {
  const {
    name,
    arguments: args,
    retries,
    recovery_prompt: recoveryPrompt,
    output_vars: outputs,
    when,
  } = step;
  const { model, effort, max_budget_usd, max_turns, timeout_seconds } = step;
  const options = {
    ...taskOptions({ model, effort, max_budget_usd, max_turns, timeout_seconds }, desk),
    ...(isolation === 'worktree' && { workspace: 'chain' as const }),
  };
  return {
    name,
    ...workOf(step),
    ...(args !== undefined && { arguments: args }),
    ...(retries !== undefined && { retries }),
    ...(recoveryPrompt !== undefined && { recoveryPrompt }),
    ...(outputs !== undefined && { outputs }),
    ...(when !== undefined && { when: whenForm(when) }),
    ...(Object.keys(options).length > 0 && { options }),
  };
}

function workOf({ name, prompt, skill, type = 'prompt', value }: z.output<typeof stepSchema>) {
  const given = [prompt, skill, value].filter((each) => each !== undefined);
  if (given.length !== 1) {
    const message = `Expected the step \`${name}\` to have one of \`prompt\`, \`skill\` and \`value\`, got ${given.length}.`;
    throw new PoolError('INVALID_OPTIONS', message);
  }
  if (value !== undefined) return { [type]: value };
  return { ...(prompt !== undefined && { prompt }), ...(skill !== undefined && { skill }) };
}

function whenForm({
  value,
  equals,
  not_equals: notEquals,
}: NonNullable<z.output<typeof stepSchema>['when']>) {
  return { value, ...(equals !== undefined && { equals }), ...(notEquals !== undefined && { notEquals }) };
}
