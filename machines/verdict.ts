import type { Evidence } from './types.ts';
import { isAnswer, messageOf } from './verdict-result.ts';
import { UNKNOWN_ROW, VERDICT_ROWS } from './verdict-rows.ts';
import type { Verdict, VerdictName } from './verdict-types.ts';

/** What each verdict means. `docs/verdicts.md` is made from this and from `VERDICT_ROWS`. */
export const VERDICTS: Readonly<Record<VerdictName, Omit<Verdict, 'name' | 'reason' | 'resetsAt'>>> = {
  succeeded: { ok: true, retry: false, counts: true, move: 'nobody' },
  succeededWithDenials: { ok: true, retry: false, counts: true, move: 'caller' },
  incomplete: { ok: false, retry: true, counts: true, move: 'caller' },
  rateLimited: { ok: false, retry: true, counts: false, move: 'pool' },
  overloaded: { ok: false, retry: true, counts: true, move: 'pool' },
  auth: { ok: false, retry: false, counts: true, move: 'operator' },
  budget: { ok: false, retry: false, counts: true, move: 'caller' },
  contextOverflow: { ok: false, retry: false, counts: true, move: 'caller' },
  maxTurns: { ok: false, retry: false, counts: true, move: 'caller' },
  refused: { ok: false, retry: false, counts: true, move: 'caller' },
  invalidRequest: { ok: false, retry: false, counts: true, move: 'caller' },
  crashed: { ok: false, retry: true, counts: true, move: 'pool' },
  hung: { ok: false, retry: true, counts: true, move: 'pool' },
  cancelled: { ok: false, retry: false, counts: true, move: 'nobody' },
};

/**
 * One verdict from all that was seen of an attempt. What the table does not know is `incomplete`, never success.
 *
 * @example
 * verdictOf({ exit: { code: 0 } }).name; // 'crashed': the process ended without a result
 */
export function verdictOf(evidence: Evidence): Verdict {
  const { verdict, reason, except } = VERDICT_ROWS.find((row) => row.when(evidence)) ?? UNKNOWN_ROW;
  return {
    name: verdict,
    ...VERDICTS[verdict],
    ...except,
    ...(evidence.resetsAt !== undefined && { resetsAt: evidence.resetsAt }),
    reason: withDetail(reason, evidence),
  };
}

function withDetail(reason: string, { result, openError, exit }: Evidence): string {
  if (isAnswer(result)) return reason;
  const detail = openError?.message ?? (result && messageOf(result).trim()) ?? exitDetail(exit);
  return detail ? `${reason} (${detail.slice(0, 500)})` : reason;
}

function exitDetail(exit: Evidence['exit']): string | undefined {
  if (exit === undefined) return undefined;
  return exit.signal === undefined ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
}
