import type { Settled } from '../desk/desk.ts';
import { EXIT_CODES, exitCodeOf } from '../exit-codes.ts';

/** One code for all: that of what went wrong, if it is the same for all that did. */
export function exitCodeOfEnds(ends: readonly Settled[]): number {
  const codes = new Set(ends.map(codeOf).filter((code) => code !== EXIT_CODES.succeeded));
  const [first = EXIT_CODES.succeeded] = codes;
  return codes.size > 1 ? EXIT_CODES.failed : first;
}

function codeOf({ state, error }: Settled): number {
  if (state === 'pendingReview') return EXIT_CODES.review;
  if (state === 'cancelled') return EXIT_CODES.cancelled;
  return error === undefined ? EXIT_CODES.succeeded : exitCodeOf(error.code);
}
