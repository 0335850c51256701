import { z } from 'zod';
import { definedOnly } from './defined-only.ts';
import { argumentText, name, names } from './fields.ts';

/** Settings of Claude, which a pool has for all its tasks and a task may override. */
export const settingsShape = {
  model: name.optional(),
  effort: z
    .enum(['min', 'low', 'medium', 'high', 'xhigh', 'max'])
    .transform((effort) => (effort === 'min' ? 'low' : effort))
    .optional(),
  permissionMode: z
    .enum(['default', 'acceptEdits', 'auto', 'bypassPermissions', 'dontAsk', 'plan'])
    .optional(),
  systemPrompt: argumentText.optional(),
  appendSystemPrompt: argumentText.optional(),
  maxTurns: z.int().positive().optional(),
  tools: names.optional(),
  allowedTools: names.optional(),
  disallowedTools: names.optional(),
  mcpServers: z.record(z.string(), z.unknown()).optional(),
};

type Settings = { readonly [Key in keyof typeof settingsShape]?: z.output<(typeof settingsShape)[Key]> };

export function settingsOf(parsed: Settings) {
  const { model, effort, permissionMode, systemPrompt, appendSystemPrompt } = parsed;
  const { maxTurns, tools, allowedTools, disallowedTools, mcpServers } = parsed;
  const texts = { model, effort, permissionMode, systemPrompt, appendSystemPrompt };
  return definedOnly({ ...texts, maxTurns, tools, allowedTools, disallowedTools, mcpServers });
}
