import type { VerdictName } from './verdict-types.ts';

export type FailureCode = 'TASK_FAILED' | 'BUDGET_EXCEEDED' | 'CLAUDE_AUTH' | 'USAGE_LIMIT' | 'CANCELLED';

const CODES: Readonly<Partial<Record<VerdictName, FailureCode>>> = {
  budget: 'BUDGET_EXCEEDED',
  auth: 'CLAUDE_AUTH',
  rateLimited: 'USAGE_LIMIT',
  cancelled: 'CANCELLED',
};

/** The code of the error that a task ends with after that verdict. */
export function failureCodeOf(verdict: VerdictName | undefined): FailureCode {
  return (verdict && CODES[verdict]) ?? 'TASK_FAILED';
}
