import type { AttemptReport } from '../machines/types.ts';
import type { VerdictName } from '../machines/verdict-types.ts';

export const POOL_ERROR_CODES = [
  'TASK_FAILED',
  'BUDGET_EXCEEDED',
  'NO_SLOTS_AVAILABLE',
  'TASK_NOT_FOUND',
  'SLOT_NOT_FOUND',
  'CHAIN_NOT_FOUND',
  'SKILL_NOT_FOUND',
  'SKILL_INVALID',
  'INVALID_STATE',
  'INVALID_OPTIONS',
  'POOL_CLOSED',
  'TIMEOUT',
  'CANCELLED',
  'CLAUDE_NOT_FOUND',
  'CLAUDE_AUTH',
  'CLAUDE_PROTOCOL',
  'USAGE_LIMIT',
  'POOL_UNREACHABLE',
  'WORKTREE',
  'STORE',
] as const;

/** What kind of error it is. `docs/troubleshooting.md` has cause and remedy of each. */
export type PoolErrorCode = (typeof POOL_ERROR_CODES)[number];

export function isPoolErrorCode(code: string): code is PoolErrorCode {
  return POOL_ERROR_CODES.some((known) => known === code);
}

/** What an error knows besides its code and message. */
export interface PoolErrorDetails {
  readonly cause?: unknown;
  readonly taskId?: string;
  readonly verdict?: VerdictName;
  readonly report?: AttemptReport;
}

/** The one error class of claude-pool. Branch on `code`, never on `message`. */
export class PoolError extends Error {
  override readonly name = 'PoolError';
  readonly code: PoolErrorCode;
  readonly taskId: string | undefined;
  /** Verdict of the last attempt, when the error is about a task that ran. */
  readonly verdict: VerdictName | undefined;
  /** Last output, stderr tail and spend of the attempt, when there was one. */
  readonly report: AttemptReport | undefined;

  constructor(code: PoolErrorCode, message: string, details: PoolErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.taskId = details.taskId;
    this.verdict = details.verdict;
    this.report = details.report;
  }
}
