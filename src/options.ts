import { z } from 'zod';
import type { TaskOptions as MachineOptions } from '../machines/task-types.ts';
import { DEFAULT_RETRY_POLICY } from '../machines/retry.ts';
import type { FloorRules } from '../machines/floor.ts';
import type { PoolInput } from '../machines/pool-types.ts';
import type { RecoveryPolicy } from '../machines/recovery.ts';
import type { SlotPolicy } from '../machines/slot-types.ts';
import type { SlotIdentity, SlotSpec } from '../machines/types.ts';
import type { DrainOptions, PoolOptions, ReviewOptions } from './api.ts';
import { PoolError } from './errors.ts';
import { microsOf } from './money.ts';
import { parse } from './parse.ts';
import type { ClaudeDriver } from './ports.ts';
import type { WorkspacePlan } from './rooms/open-rooms.ts';
import { namePart } from './workspaces/options.ts';

/** What a timer can wait at most. */
const LONGEST_MS = 2 ** 31 - 1;
const milliseconds = z.int().positive().max(LONGEST_MS);
const patience = z.number().nonnegative().max(LONGEST_MS);
/** Micro-dollars stay exact whole numbers below it. */
const usd = z.number().positive().max(1e9);
const count = z.int().nonnegative();
/** Of one argument of a program, which is where prompts of the system go; the rest is for identity and context. */
const MAX_SYSTEM_PROMPT_BYTES = 80_000;
const NO_NUL = 'text without NUL characters';
const isWithoutNul = (value: string): boolean => !value.includes('\0');
const name = z.string().min(1).refine(isWithoutNul, NO_NUL);
const argumentText = z
  .string()
  .refine(isWithoutNul, NO_NUL)
  .refine(
    (value) => Buffer.byteLength(value) <= MAX_SYSTEM_PROMPT_BYTES,
    `text of at most ${MAX_SYSTEM_PROMPT_BYTES} bytes`,
  );
const trait = name.max(2_000, 'text of at most 2000 characters');
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
  systemPrompt: argumentText.optional(),
  appendSystemPrompt: argumentText.optional(),
  maxTurns: z.int().positive().optional(),
  tools: names.optional(),
  allowedTools: names.optional(),
  disallowedTools: names.optional(),
  mcpServers: z.record(z.string(), z.unknown()).optional(),
};

const identity = z.strictObject({
  name: trait.optional(),
  role: trait.optional(),
  description: trait.optional(),
});

const workspace = z.enum(['slot', 'task', 'chain']).optional();

const slot = z.strictObject({ ...identity.shape, budgetUsd: usd.optional() });

/** Options of a pool that are data, and so can stand in a file. */
export const poolShape = {
  ...settingsShape,
  permissionMode: settingsShape.permissionMode.default('plan'),
  slots: z.union([z.int().positive(), z.array(slot).min(1)]).default(2),
  minSlots: z.int().positive().default(1),
  maxSlots: z.int().positive().optional(),
  autoscale: z
    .strictObject({
      min: z.int().positive(),
      max: z.int().positive(),
      idleMs: milliseconds.default(60_000),
    })
    .refine(({ min, max }) => min <= max, 'a pair with `min` not above `max`')
    .optional(),
  budgetUsd: usd.optional(),
  reservationUsd: usd.optional(),
  session: z.enum(['resume', 'fresh']).default('resume'),
  maxSessionTokens: z.int().positive().default(150_000),
  maxSessionTasks: z.int().positive().default(50),
  taskTimeoutMs: milliseconds.optional(),
  idleTimeoutMs: milliseconds.optional(),
  slotWaitMs: milliseconds.optional(),
  maxPendingReview: z.int().positive().default(100),
  limitBackoffMs: milliseconds.default(30_000),
  breakAfter: count.default(5),
  retries: count.default(DEFAULT_RETRY_POLICY.retries),
  maxRestarts: count.default(3),
  stateDir: name.optional(),
  recovery: z.enum(['resume', 'retry', 'fail']).default('resume'),
  keepFinished: z.int().positive().default(10_000),
  liveTasks: count.default(1_000),
  name: namePart.optional(),
  worktree: z.boolean().default(false),
  workspace,
  repository: name.optional(),
  baseRef: name.optional(),
  worktreeDir: name.optional(),
  tellMissing: z.boolean().default(false),
  skills: z
    .strictObject({
      project: z.union([name, z.literal(false)]).optional(),
      global: z.union([name, z.literal(false)]).optional(),
      builtin: z.boolean().optional(),
      disabled: names.optional(),
    })
    .optional(),
};

const poolSchema = z.strictObject({
  ...poolShape,
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

const drainSchema = z.strictObject({
  timeoutMs: patience.optional(),
  pending: z.enum(['cancel', 'keep']).optional(),
});

const RESTART_POLICY = { restartWindowMs: 600_000, restartBackoffMs: 1_000 };
/** What a worn process of the CLI has run, or holds in memory, before it is replaced. */
const WEAR_POLICY = { maxProcessTurns: 100, maxResidentBytes: 350 * 2 ** 20 };
/** Slots at most, where the caller asks for no other bound. */
const MAX_SLOTS = 16;

/** What scaling can come to. */
export interface SlotBounds {
  readonly min: number;
  readonly max: number;
}

/** A pool's options with every default filled in, as the machines take them. */
export interface PoolPlan {
  readonly input: PoolInput;
  readonly directory: { readonly keepFinished: number; readonly liveTasks: number };
  readonly bounds: SlotBounds;
  readonly recovery: RecoveryPolicy;
  readonly workspaces: WorkspacePlan;
  /** What a task has that asks for nothing; shared by all such tasks. */
  readonly taskDefaults: MachineOptions;
}

export function parsePoolOptions(options: PoolOptions): PoolPlan {
  const parsed = parse(poolSchema, options);
  const { slots, budgetUsd, reservationUsd, autoscale, maxPendingReview, breakAfter } = parsed;
  const plan = workspacePlanOf(parsed, options);
  const specs = typeof slots === 'number' ? Array.from({ length: slots }, () => ({})) : slots.map(specOf);
  return {
    input: {
      slots: specs,
      settings: { ...settingsOf(parsed), ...(plan.scope === 'slot' && { workspace: plan.scope }) },
      slotPolicy: slotPolicyOf(parsed),
      limitBackoffMs: parsed.limitBackoffMs,
      rules: definedOnly({
        maxPendingReview,
        breakAfter,
        autoscale,
        reservation: reservationUsd === undefined ? undefined : microsOf(reservationUsd),
      }) as FloorRules,
      ...(budgetUsd !== undefined && { budgetMicros: microsOf(budgetUsd) }),
    },
    directory: { keepFinished: parsed.keepFinished, liveTasks: parsed.liveTasks },
    bounds: boundsOf(parsed, specs.length),
    recovery: parsed.recovery,
    workspaces: plan,
    taskDefaults: definedOnly({
      retry: { ...DEFAULT_RETRY_POLICY, retries: parsed.retries },
      timeoutMs: parsed.taskTimeoutMs,
      silenceMs: parsed.idleTimeoutMs,
      slotWaitMs: parsed.slotWaitMs,
      workspace: plan.scope,
    }),
  };
}

type ParsedPool = z.output<typeof poolSchema>;

function workspacePlanOf(parsed: ParsedPool, { claude, stateDir }: PoolOptions): WorkspacePlan {
  const { name: called, worktree, baseRef, worktreeDir, tellMissing } = parsed;
  const scope = parsed.workspace ?? (worktree ? 'slot' : undefined);
  const repository = parsed.repository ?? claude?.cwd ?? '.';
  const chosen = definedOnly({ scope, name: called, stateDir, baseRef, folder: worktreeDir });
  return { ...chosen, repository, tellMissing };
}

function slotPolicyOf({ session, maxRestarts, maxSessionTasks, maxSessionTokens }: ParsedPool): SlotPolicy {
  return { session, maxRestarts, maxSessionTasks, maxSessionTokens, ...RESTART_POLICY, ...WEAR_POLICY };
}

function specOf({ budgetUsd, ...who }: z.output<typeof slot>): SlotSpec {
  return definedOnly({ ...who, capMicros: budgetUsd === undefined ? undefined : microsOf(budgetUsd) });
}

function boundsOf({ minSlots: min, maxSlots, autoscale }: ParsedPool, slots: number): SlotBounds {
  const max = maxSlots ?? Math.max(MAX_SLOTS, slots, autoscale?.max ?? 0);
  assertWithin({ min, max }, 'slots', slots);
  if (autoscale !== undefined) {
    assertWithin({ min, max }, 'autoscale.min', autoscale.min);
    assertWithin({ min, max }, 'autoscale.max', autoscale.max);
  }
  return { min, max };
}

function assertWithin({ min, max }: SlotBounds, option: string, value: number): void {
  if (value >= min && value <= max) return;
  const message = `Expected \`${option}\` to be within \`minSlots\` (${min}) and \`maxSlots\` (${max}), got ${value}.`;
  throw new PoolError('INVALID_OPTIONS', message);
}

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

/** A slot's new name, role or description. */
export function parseIdentity(value: SlotIdentity): SlotIdentity {
  return definedOnly(parse(identity, value));
}

export function parseCount(option: string, value: number): number {
  return parse(z.strictObject({ [option]: z.int().positive() }), { [option]: value })[option] ?? 0;
}

export function parseText(option: string, value: string): string {
  parse(z.strictObject({ [option]: z.string().trim().min(1).refine(isWithoutNul, NO_NUL) }), {
    [option]: value,
  });
  return value;
}

/** How long somebody waits. */
export function parseTimeout(timeoutMs: number | undefined): number | undefined {
  return parse(z.strictObject({ timeoutMs: patience.optional() }), { timeoutMs }).timeoutMs;
}

/** How a pool ends: only one with a folder can keep who waits. */
export function parseDrain(options: DrainOptions, isDurable: boolean): DrainOptions {
  const { timeoutMs, pending } = parse(drainSchema, options);
  if (pending !== 'keep' || isDurable) return definedOnly({ timeoutMs, pending });
  const message =
    'Expected a pool with a `stateDir` where `pending` is `keep`, got one that ends with its process.';
  throw new PoolError('INVALID_OPTIONS', message);
}

export function parseListener<Listener>(listener: Listener): Listener {
  parse(z.strictObject({ listener: z.function() }), { listener });
  return listener;
}

/** Prompts, or requests with a prompt; what is in them is read one by one. */
export function parseRequests<Request>(requests: readonly Request[]): readonly Request[] {
  const request = z.union([z.string(), z.looseObject({})]);
  parse(z.strictObject({ requests: z.array(request) }), { requests });
  return requests;
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
