import type { PoolOptions } from 'claude-pool';
import type { FsyncFault } from './failing-fsync.ts';

/** What a pool under load is started with. */
export interface CrashPlan {
  readonly options: PoolOptions;
  readonly kinds: readonly string[];
  /** Takes no new work, and ends when all is done. */
  readonly isLast: boolean;
  readonly fsync?: FsyncFault;
}

export type CrashLine =
  | { readonly type: 'open' }
  | { readonly type: 'accepted'; readonly id: string; readonly prompt: string }
  | { readonly type: 'ended'; readonly id: string; readonly end: string }
  | { readonly type: 'chained'; readonly id: string }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'done' };

/** What came of a run. */
export interface CrashReport {
  readonly kills: number;
  /** What was brought about: commits that failed on a full disk or at their `fsync`, and torn ends of the log. */
  readonly fullDisks: number;
  readonly failedFsyncs: number;
  readonly tornWrites: number;
  readonly tasks: number;
  readonly prompts: number;
  readonly cutOff: number;
  readonly spendUsd: number;
  readonly chargedUsd: number;
  /** What is wrong, in words. */
  readonly faults: readonly string[];
}
