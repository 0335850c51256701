import type { PoolOptions } from 'claude-pool';

/** What a pool under load is started with. */
export interface CrashPlan {
  readonly options: PoolOptions;
  readonly kinds: readonly string[];
  /** Takes no new work, and ends when all is done. */
  readonly isLast: boolean;
}

export type CrashLine =
  | { readonly type: 'open' }
  | { readonly type: 'accepted'; readonly id: string; readonly prompt: string }
  | { readonly type: 'ended'; readonly id: string; readonly end: string }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'done' };

/** What came of a run. */
export interface CrashReport {
  readonly kills: number;
  /** Commits that failed, and torn ends of the log, that were brought about. */
  readonly failedCommits: number;
  readonly tornWrites: number;
  readonly tasks: number;
  readonly prompts: number;
  readonly cutOff: number;
  readonly spendUsd: number;
  readonly chargedUsd: number;
  /** What is wrong, in words. */
  readonly faults: readonly string[];
}
