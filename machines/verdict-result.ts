import type { Evidence, ResultEvidence } from './types.ts';
import type { VerdictRow } from './verdict-row.ts';

type ResultTest = (result: ResultEvidence, evidence: Evidence) => boolean;

/** Holds for a result that the CLI calls a success. */
export function answered(test: ResultTest): VerdictRow['when'] {
  return (evidence) => isAnswer(evidence.result) && test(evidence.result, evidence);
}

/** Holds for a result of any kind in which the pool had no hand. */
export function ended(test: ResultTest): VerdictRow['when'] {
  return (evidence) => evidence.interruption === undefined && reported(test)(evidence);
}

/** Holds for a result of any kind. */
export function reported(test: ResultTest): VerdictRow['when'] {
  return (evidence) => evidence.result !== undefined && test(evidence.result, evidence);
}

export function isAnswer(result: ResultEvidence | undefined): result is ResultEvidence {
  return result?.subtype === 'success' && !result.isError;
}

/**
 * The status of the result itself; the last retry's only where the CLI gives none (a 529 in 2.1.197).
 * It reports what the API refused under the subtype `success`; an end of another subtype has another cause.
 */
export function statusOf({ subtype, apiErrorStatus }: ResultEvidence, { lastRetryStatus }: Evidence): number {
  return apiErrorStatus ?? (subtype === 'success' ? lastRetryStatus : undefined) ?? 0;
}

/** What the CLI says of the end, without its own diagnostics. */
export function messageOf({ text = '', errors }: ResultEvidence): string {
  return [text, ...errors].filter((line) => !line.startsWith('[ede_diagnostic]')).join('\n');
}
