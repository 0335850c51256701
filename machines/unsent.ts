import { isPlainRequest } from './launch.ts';
import type { SessionEnded, SlotRequest } from './port.ts';
import { NO_TOKENS } from './types.ts';
import type { AttemptReport, Evidence, Timestamp } from './types.ts';

/** Why a prompt never reached Claude. */
export interface Unsent {
  readonly evidence: Evidence;
  readonly at: Timestamp;
  readonly chance: number;
}

export function unopened({ code = 'CRASHED', message, at, chance }: SessionEnded): Unsent {
  return { evidence: { openError: { code, message } }, at, chance };
}

export function cancelled({ at }: { readonly at: Timestamp }): Unsent {
  return { evidence: { interruption: 'cancelled' }, at, chance: 0 };
}

export const LOST: Evidence = { openError: { code: 'CRASHED', message: 'The slot was no longer idle.' } };

/** A session that is lost before the prompt is an accident, and free; where a task's own settings broke it, it is lost each time. */
export function blamed(request: SlotRequest | undefined, evidence: Evidence): Evidence {
  if (evidence.openError?.code !== 'CRASHED' || isPlainRequest(request)) return evidence;
  return { ...evidence, openError: { ...evidence.openError, code: 'UNOPENED' } };
}

/** The report of an attempt that never reached Claude. */
export function unsentReport(evidence: Evidence): AttemptReport {
  return {
    evidence,
    spend: 0,
    spendEstimated: false,
    tokensUsed: NO_TOKENS,
    durationMs: 0,
  };
}
