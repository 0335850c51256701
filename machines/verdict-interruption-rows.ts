import type { Interruption } from './types.ts';
import type { VerdictRow } from './verdict-row.ts';

/** Attempts that the pool itself ended before there was an answer. */
export const INTERRUPTION_ROWS: readonly VerdictRow[] = [
  {
    id: 'cancel',
    verdict: 'cancelled',
    seen: 'interrupted by the caller',
    when: interrupted('cancelled'),
    reason: 'The attempt was cancelled.',
  },
  {
    id: 'spending-cap',
    verdict: 'budget',
    seen: 'interrupted when the live meter passed the cap',
    when: interrupted('budget'),
    reason: 'The attempt reached its spending cap and was interrupted.',
  },
  {
    id: 'first-429',
    verdict: 'rateLimited',
    seen: 'interrupted at the first retry of a 429',
    when: interrupted('rateLimited'),
    reason: 'The API answered with a usage limit.',
  },
  {
    id: 'first-401',
    verdict: 'auth',
    seen: 'interrupted at the first retry of a 401 or 403',
    when: interrupted('auth'),
    reason: 'The API refused the credentials. Log in with `claude` or set `ANTHROPIC_API_KEY`.',
  },
  {
    id: 'time-limit',
    verdict: 'hung',
    seen: 'interrupted at the time limit of the attempt',
    when: interrupted('timeout'),
    reason: 'The attempt passed its time limit.',
  },
  {
    id: 'silence',
    verdict: 'hung',
    seen: 'killed, because it was silent and did not answer a ping',
    when: interrupted('silence'),
    reason: 'The process fell silent and did not answer a ping.',
  },
];

function interrupted(by: Interruption): VerdictRow['when'] {
  return ({ interruption }) => interruption === by;
}
