import type { TaskState } from '../../machines/task-types.ts';
import type { Timestamp, TokensUsed } from '../../machines/types.ts';
import type { VerdictName } from '../../machines/verdict-types.ts';
import type { Distribution } from './distribution.ts';
import type { Usage } from './usage-book.ts';

/** What a pool has done since it started. The steps of a chain count as the tasks that they are, the chain as nothing. */
export interface PoolMetrics {
  /** Since when is counted, in milliseconds since the epoch. */
  readonly startedAt: Timestamp;
  /** Tasks by state: those that wait, run or are reviewed now, and all that have ended, kept or not. */
  readonly tasks: Readonly<Record<TaskState, number>>;
  /** Attempts that have ended. */
  readonly attempts: number;
  /** Attempts begun because the one before them did not succeed. */
  readonly retries: number;
  /** Attempts by verdict; a verdict that never came is left out. */
  readonly verdicts: Readonly<Partial<Record<VerdictName, number>>>;
  /** What all attempts have spent, in US dollars, also those that failed or were cancelled. */
  readonly spendUsd: number;
  readonly tokensUsed: TokensUsed;
  /**
   * Spend and tokens by the model that answered, else that was asked for, else `default`; what subagents use counts for
   * the model of their attempt. Models after the hundredth are counted together as `other`.
   */
  readonly models: Readonly<Record<string, Usage>>;
  /** What tasks have cost that have ended after at least one attempt, in US dollars. */
  readonly taskCostUsd: Distribution;
  /** How long attempts took, in milliseconds. */
  readonly attemptMs: Distribution;
  /** How long tasks waited between their submission and their first start, in milliseconds. */
  readonly queueWaitMs: Distribution;
}
