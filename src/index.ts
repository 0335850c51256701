export { createPool } from './pool.ts';
export type {
  Abortable,
  AutoscaleOptions,
  ClaudeSettings,
  DrainSummary,
  Pool,
  PoolOptions,
  PoolStatus,
  ReviewOptions,
  SlotFilter,
  SlotOptions,
  SlotStatus,
  TaskFilter,
  TaskInfo,
  TaskOptions,
  TaskOutcome,
  TaskRequest,
  TaskResult,
} from './api.ts';
export { claudeDriver } from './claude/driver.ts';
export type { ClaudeOptions } from './claude/options.ts';
export { PoolError } from './errors.ts';
export type { PoolErrorCode, PoolErrorDetails } from './errors.ts';
export type { Distribution } from './metrics/distribution.ts';
export type { PoolMetrics } from './metrics/pool-metrics.ts';
export type { Usage } from './metrics/usage-book.ts';
export type {
  BudgetState,
  LifecycleState,
  LimitState,
  MissedEvents,
  PoolEvent,
  PoolEventOf,
  PoolLifecycleEvent,
  SlotLifecycleEvent,
  SlotState,
  TaskLifecycleEvent,
} from './events.ts';
export type {
  ClaudeDriver,
  ClaudeSession,
  SessionExit,
  SessionLaunch,
  Turn,
  TurnActivity,
  TurnHooks,
} from './ports.ts';
