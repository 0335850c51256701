import { z } from 'zod';
import type { TaskOptions as MachineOptions } from '../machines/task-types.ts';
import { DEFAULT_RETRY_POLICY } from '../machines/retry.ts';
import type { PoolInput } from '../machines/pool-types.ts';
import type { SlotPolicy } from '../machines/slot-types.ts';
import type { PoolOptions, TaskOptions } from './api.ts';
import { microsOf } from './money.ts';
import { parse } from './parse.ts';
import type { ClaudeDriver } from './ports.ts';

const milliseconds = z
  .int()
  .positive()
  .max(2 ** 31 - 1);
const usd = z.number().positive();
const count = z.int().nonnegative();
const name = z.string().min(1);
const names = z.array(name).readonly();

const settingsShape = {
  model: name.optional(),
  effort: z
    .enum(['min', 'low', 'medium', 'high', 'xhigh', 'max'])
    .transform((effort) => (effort === 'min' ? 'low' : effort))
    .optional(),
  permissionMode: z
    .enum(['default', 'acceptEdits', 'auto', 'bypassPermissions', 'dontAsk', 'plan'])
    .optional(),
  systemPrompt: z.string().optional(),
  appendSystemPrompt: z.string().optional(),
  maxTurns: z.int().positive().optional(),
  tools: names.optional(),
  allowedTools: names.optional(),
  disallowedTools: names.optional(),
  mcpServers: z.record(z.string(), z.unknown()).optional(),
};

const identity = z.strictObject({
  name: name.optional(),
  role: name.optional(),
  description: name.optional(),
});

const poolSchema = z.strictObject({
  ...settingsShape,
  permissionMode: settingsShape.permissionMode.default('plan'),
  slots: z.union([z.int().positive(), z.array(identity).min(1)]).default(2),
  budgetUsd: usd.optional(),
  session: z.enum(['resume', 'fresh']).default('resume'),
  taskTimeoutMs: milliseconds.optional(),
  retries: count.default(DEFAULT_RETRY_POLICY.retries),
  maxRestarts: count.default(3),
  keepFinished: z.int().positive().default(10_000),
  liveTasks: count.default(1_000),
  claude: z.record(z.string(), z.unknown()).optional(),
  driver: z.custom<ClaudeDriver>(isDriver, 'an object with a method `open`').optional(),
  inspect: z.union([z.function(), z.looseObject({})]).optional(),
});

const taskSchema = z.strictObject({
  ...settingsShape,
  prompt: z.string().trim().min(1),
  jsonSchema: z.record(z.string(), z.unknown()).optional(),
  priority: z.number().optional(),
  tags: names.optional(),
  maxBudgetUsd: usd.optional(),
  timeoutMs: milliseconds.optional(),
  retries: count.optional(),
  session: z
    .union([z.enum(['resume', 'fresh']), z.strictObject({ resume: name }), z.strictObject({ fork: name })])
    .optional(),
  slot: z
    .union([z.strictObject({ id: name }), z.strictObject({ name }), z.strictObject({ role: name })])
    .optional(),
});

const RESTART_POLICY = { restartWindowMs: 600_000, restartBackoffMs: 1_000, maxProcessTurns: 100 };

/** A pool's options with every default filled in, as the machines take them. */
export interface PoolPlan {
  readonly input: PoolInput;
  readonly directory: { readonly keepFinished: number; readonly liveTasks: number };
  /** What a task has that asks for nothing; shared by all such tasks. */
  readonly taskDefaults: MachineOptions;
}

export function parsePoolOptions(options: PoolOptions): PoolPlan {
  const parsed = parse(poolSchema, options);
  const { slots, budgetUsd, session, maxRestarts, retries, taskTimeoutMs, keepFinished, liveTasks } = parsed;
  const slotPolicy: SlotPolicy = { session, maxRestarts, ...RESTART_POLICY };
  return {
    input: {
      slots: typeof slots === 'number' ? Array.from({ length: slots }, () => ({})) : slots,
      settings: settingsOf(parsed),
      slotPolicy,
      ...(budgetUsd !== undefined && { budgetMicros: microsOf(budgetUsd) }),
    },
    directory: { keepFinished, liveTasks },
    taskDefaults: {
      retry: { ...DEFAULT_RETRY_POLICY, retries },
      ...(taskTimeoutMs !== undefined && { timeoutMs: taskTimeoutMs }),
    },
  };
}

/** A task's prompt and options, as the machines take them. A prompt alone shares the defaults. */
export function parseTask(
  prompt: string,
  options: TaskOptions,
  defaults: MachineOptions,
): { readonly prompt: string; readonly options: MachineOptions } {
  if (isPlain(prompt, options)) return { prompt, options: defaults };
  const parsed = parse(taskSchema, { ...options, prompt });
  const { priority, tags, maxBudgetUsd, timeoutMs, retries, session, slot, jsonSchema } = parsed;
  const hasSettings = Object.keys(options).some((key) => key === 'jsonSchema' || key in settingsShape);
  const settings = hasSettings ? { ...settingsOf(parsed), ...(jsonSchema && { jsonSchema }) } : undefined;
  return {
    prompt,
    options: definedOnly({
      ...defaults,
      priority,
      tags,
      session,
      slot,
      timeoutMs: timeoutMs ?? defaults.timeoutMs,
      capMicros: maxBudgetUsd === undefined ? undefined : microsOf(maxBudgetUsd),
      retry: retries === undefined ? defaults.retry : { ...DEFAULT_RETRY_POLICY, retries },
      settings,
    }),
  };
}

type Settings = { readonly [Key in keyof typeof settingsShape]?: z.output<(typeof settingsShape)[Key]> };

function settingsOf(parsed: Settings) {
  const { model, effort, permissionMode, systemPrompt, appendSystemPrompt } = parsed;
  const { maxTurns, tools, allowedTools, disallowedTools, mcpServers } = parsed;
  const texts = { model, effort, permissionMode, systemPrompt, appendSystemPrompt };
  return definedOnly({ ...texts, maxTurns, tools, allowedTools, disallowedTools, mcpServers });
}

type DefinedOnly<Options> = { [Key in keyof Options]?: Exclude<Options[Key], undefined> };

function definedOnly<Options extends object>(options: Options): DefinedOnly<Options> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as DefinedOnly<Options>;
}

function isDriver(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'open' in value && typeof value.open === 'function';
}

function isPlain(prompt: unknown, options: object): boolean {
  return typeof prompt === 'string' && prompt.trim() !== '' && Object.keys(options).length === 0;
}
