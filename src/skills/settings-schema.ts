import { z } from 'zod';
import { camelCase } from './camel-case.ts';
import { toolList } from './tool-list.ts';

const text = z.string().min(1);
const record = z.record(z.string(), z.unknown());

/** Tools as a list, or as text that separates them by commas or spaces. */
export const tools = z.preprocess(
  (value) => (typeof value === 'string' ? toolList(value) : value),
  z.array(text).readonly(),
);

export const effort = z
  .string()
  .toLowerCase()
  .transform((value) => (value === 'min' ? 'low' : value))
  .pipe(z.enum(['low', 'medium', 'high', 'xhigh', 'max']));

const permissionMode = z
  .string()
  .transform((mode) => camelCase(mode.charAt(0).toLowerCase() + mode.slice(1)))
  .pipe(z.enum(['default', 'acceptEdits', 'auto', 'bypassPermissions', 'dontAsk', 'plan']));

export const settingsShape = {
  model: text.nullish(),
  effort: effort.nullish(),
  permissionMode: permissionMode.nullish(),
  systemPrompt: z.string().nullish(),
  appendSystemPrompt: z.string().nullish(),
  maxTurns: z.int().positive().nullish(),
  tools: tools.nullish(),
  allowedTools: tools.nullish(),
  disallowedTools: tools.nullish(),
  mcpServers: record.nullish(),
  jsonSchema: record.nullish(),
  maxBudgetUsd: z.number().positive().nullish(),
};

/** A skill's settings. Unknown ones are left out. */
export const settingsSchema = z.object(settingsShape);
