import type { AttemptReport, Evidence, ResultEvidence } from '../../machines/types.ts';
import { verdictOf } from '../../machines/verdict.ts';
import type { Verdict } from '../../machines/verdict-types.ts';

/** What the CLI prints for an answered prompt. */
export const ANSWER: ResultEvidence = {
  subtype: 'success',
  isError: false,
  terminalReason: 'completed',
  stopReason: 'end_turn',
  text: 'echo: hi',
  errors: [],
  turns: 1,
  denials: [],
};

export const ANSWERED: Evidence = { result: ANSWER };
export const CRASHED: Evidence = { exit: { signal: 'SIGKILL' } };
export const RATE_LIMITED: Evidence = { interruption: 'rateLimited', lastRetryStatus: 429 };
export const OUT_OF_TURNS: Evidence = {
  result: {
    ...ANSWER,
    subtype: 'error_max_turns',
    isError: true,
    terminalReason: 'max_turns',
    text: '',
    errors: ['Reached maximum number of turns (2)'],
  },
};

export function reportOf(evidence: Evidence, spend = 0): AttemptReport {
  return {
    evidence,
    spend,
    spendEstimated: false,
    tokensUsed: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 },
    sessionId: 'session-a',
    durationMs: 5,
  };
}

/** A report and its verdict, as a slot gives them. */
export function endOf(
  evidence: Evidence,
  spend = 0,
): { readonly report: AttemptReport; readonly verdict: Verdict } {
  return { report: reportOf(evidence, spend), verdict: verdictOf(evidence) };
}
