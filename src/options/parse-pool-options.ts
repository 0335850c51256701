import { z } from 'zod';
import type { FloorRules } from '../../machines/floor.ts';
import type { PoolInput } from '../../machines/pool-types.ts';
import type { RecoveryPolicy } from '../../machines/recovery.ts';
import { DEFAULT_RETRY_POLICY } from '../../machines/retry.ts';
import type { SlotPolicy } from '../../machines/slot-types.ts';
import type { TaskOptions } from '../../machines/task-types.ts';
import type { SlotSpec } from '../../machines/types.ts';
import type { PoolOptions } from '../api.ts';
import { PoolError } from '../errors.ts';
import { microsOf } from '../money.ts';
import { parse } from '../parse.ts';
import type { ClaudeDriver } from '../ports.ts';
import type { WorkspacePlan } from '../rooms/open-rooms.ts';
import { namePart } from '../workspaces/options.ts';
import { definedOnly } from './defined-only.ts';
import { count, identity, milliseconds, name, names, usd, workspace } from './fields.ts';
import { settingsOf, settingsShape } from './settings.ts';

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
  readonly taskDefaults: TaskOptions;
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

function isDriver(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'open' in value && typeof value.open === 'function';
}
