import { z } from 'zod';
import { PoolError } from '../index.ts';
import type { ReviewOptions } from '../index.ts';
import type { Desk } from './desk.ts';

export const promptField = z
  .string()
  .trim()
  .min(1)
  .describe('What to do, in full: a task knows nothing of this conversation.');
export const idField = z.string().min(1).describe('Id of a task or of a chain.');

/** Options of a task, as arguments of a tool. */
export const taskFields = {
  model: z
    .string()
    .min(1)
    .optional()
    .describe('Model id or alias: haiku for bounded work, sonnet for several files, opus for hard problems.'),
  effort: z.enum(['min', 'low', 'medium', 'high', 'xhigh', 'max']).optional(),
  max_budget_usd: z
    .number()
    .positive()
    .optional()
    .describe('Cap on what the task spends in all its attempts, in US dollars.'),
  max_turns: z.int().positive().optional().describe('Agentic turns of one attempt.'),
  timeout_seconds: z.number().positive().max(2_000_000).optional().describe('Time limit of one attempt.'),
  tags: z.array(z.string().min(1)).optional(),
  priority: z.number().optional().describe('Higher runs sooner. 0 when not given.'),
  retries: z.int().nonnegative().optional().describe('Attempts after the first.'),
  session: z
    .enum(['resume', 'fresh'])
    .optional()
    .describe('Whether to go on with the conversation of the slot.'),
  slot: z.string().min(1).optional().describe('Id of the slot that must run it.'),
  role: z.string().min(1).optional().describe('Role of the slot that must run it.'),
  json_schema: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('The answer must satisfy it; see `structured_output` of the result.'),
  tools: z.array(z.string().min(1)).optional().describe('The built-in tools that exist at all.'),
  disallowed_tools: z.array(z.string().min(1)).optional(),
  mcp_servers: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('MCP servers by name. Refused unless the person allowed it.'),
};

const fieldsSchema = z.object(taskFields);

/** The fields that say how a step of a chain is run. */
export const stepFields = {
  model: taskFields.model,
  effort: taskFields.effort,
  max_budget_usd: taskFields.max_budget_usd,
  max_turns: taskFields.max_turns,
  timeout_seconds: taskFields.timeout_seconds,
};

export type TaskFields = z.output<typeof fieldsSchema>;

/** The options of the pool that the arguments mean. */
export function taskOptions(
  fields: TaskFields,
  { allowsMcpServers }: Pick<Desk, 'allowsMcpServers'>,
): ReviewOptions {
  const { max_budget_usd: maxBudgetUsd, max_turns: maxTurns, timeout_seconds: seconds } = fields;
  const { json_schema: jsonSchema, disallowed_tools: disallowedTools, mcp_servers: mcpServers } = fields;
  const { model, effort, tags, priority, retries, session, slot, role, tools } = fields;
  if (mcpServers !== undefined && !allowsMcpServers) throw noServers();
  return {
    ...(model !== undefined && { model }),
    ...(effort !== undefined && { effort }),
    ...(maxBudgetUsd !== undefined && { maxBudgetUsd }),
    ...(maxTurns !== undefined && { maxTurns }),
    ...(seconds !== undefined && { timeoutMs: Math.max(1, Math.round(seconds * 1_000)) }),
    ...(tags !== undefined && { tags }),
    ...(priority !== undefined && { priority }),
    ...(retries !== undefined && { retries }),
    ...(session !== undefined && { session }),
    ...(role !== undefined && { slot: { role } }),
    ...(slot !== undefined && { slot: { id: slot } }),
    ...(jsonSchema !== undefined && { jsonSchema }),
    ...(tools !== undefined && { tools }),
    ...(disallowedTools !== undefined && { disallowedTools }),
    ...(mcpServers !== undefined && { mcpServers }),
  };
}

function noServers(): PoolError {
  return new PoolError(
    'INVALID_OPTIONS',
    'Expected no `mcp_servers`: they start programs on this machine. The person can allow them with `--allow-mcp-servers`.',
  );
}
