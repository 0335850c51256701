import { z } from 'zod';
import { DEFAULT_RETRY_POLICY } from '../../machines/retry.ts';
import type { TaskOptions as MachineOptions } from '../../machines/task-types.ts';
import type { ReviewOptions } from '../api.ts';
import { microsOf } from '../money.ts';
import { parse } from '../parse.ts';
import { definedOnly } from './defined-only.ts';
import { count, milliseconds, name, names, usd, workspace } from './fields.ts';
import { settingsOf, settingsShape } from './settings.ts';

const taskSchema = z.strictObject({
  ...settingsShape,
  prompt: z.string().trim().min(1),
  jsonSchema: z.record(z.string(), z.unknown()).optional(),
  priority: z.number().optional(),
  tags: names.optional(),
  maxBudgetUsd: usd.optional(),
  timeoutMs: milliseconds.optional(),
  slotWaitMs: milliseconds.optional(),
  maxRejections: z.int().positive().optional(),
  retries: count.optional(),
  workspace,
  session: z
    .union([z.enum(['resume', 'fresh']), z.strictObject({ resume: name }), z.strictObject({ fork: name })])
    .optional(),
  slot: z
    .union([z.strictObject({ id: name }), z.strictObject({ name }), z.strictObject({ role: name })])
    .optional(),
});

/** A task's prompt and options, as the machines take them. A prompt alone shares the defaults. */
export function parseTask(
  prompt: string,
  options: ReviewOptions,
  defaults: MachineOptions,
): { readonly prompt: string; readonly options: MachineOptions } {
  if (isPlain(prompt, options)) return { prompt, options: defaults };
  const parsed = parse(taskSchema, { ...options, prompt });
  const { priority, tags, maxBudgetUsd, timeoutMs, slotWaitMs, maxRejections } = parsed;
  const { retries, session, slot: wish, jsonSchema } = parsed;
  const hasSettings = Object.keys(options).some((key) => key === 'jsonSchema' || key in settingsShape);
  const settings = hasSettings ? { ...settingsOf(parsed), ...(jsonSchema && { jsonSchema }) } : undefined;
  return {
    prompt,
    options: definedOnly({
      ...defaults,
      priority,
      tags,
      session,
      slot: wish,
      workspace: parsed.workspace ?? defaults.workspace,
      review: maxRejections === undefined ? undefined : { maxRejections },
      timeoutMs: timeoutMs ?? defaults.timeoutMs,
      slotWaitMs: slotWaitMs ?? defaults.slotWaitMs,
      capMicros: maxBudgetUsd === undefined ? undefined : microsOf(maxBudgetUsd),
      retry: retries === undefined ? defaults.retry : { ...DEFAULT_RETRY_POLICY, retries },
      settings,
    }),
  };
}

function isPlain(prompt: unknown, options: object): boolean {
  return typeof prompt === 'string' && prompt.trim() !== '' && Object.keys(options).length === 0;
}
