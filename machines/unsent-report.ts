import type { AttemptReport, Evidence } from './types.ts';

/** The report of an attempt that never reached Claude. */
export function unsentReport(evidence: Evidence): AttemptReport {
  return {
    evidence,
    spend: 0,
    spendEstimated: false,
    tokensUsed: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    durationMs: 0,
  };
}
