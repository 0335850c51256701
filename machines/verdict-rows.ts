import { ANSWER_ROWS } from './verdict-answer-rows.ts';
import { END_ROWS } from './verdict-end-rows.ts';
import { ERROR_ROWS } from './verdict-error-rows.ts';
import { INTERRUPTION_ROWS } from './verdict-interruption-rows.ts';
import { OPENING_ROWS } from './verdict-opening-rows.ts';
import type { VerdictRow } from './verdict-row.ts';

/** The row of what no other row knows: never a success. */
export const UNKNOWN_ROW: VerdictRow = {
  id: 'unknown',
  verdict: 'incomplete',
  seen: 'anything else',
  when: () => true,
  reason: 'The attempt ended in a way that no row of the table knows.',
};

/** The table, first match wins. An answer that is complete counts even when the attempt was ended afterwards. */
export const VERDICT_ROWS: readonly VerdictRow[] = [
  ...END_ROWS,
  ...ANSWER_ROWS,
  ...INTERRUPTION_ROWS,
  ...OPENING_ROWS,
  ...ERROR_ROWS,
  {
    id: 'process-ended',
    verdict: 'crashed',
    seen: 'no result, and the process ended, whatever its exit code',
    when: ({ result, exit }) => result === undefined && exit !== undefined,
    reason: 'The process ended without a result.',
  },
  UNKNOWN_ROW,
];
