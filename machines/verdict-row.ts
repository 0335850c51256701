import type { Evidence } from './types.ts';
import type { Verdict, VerdictName } from './verdict-types.ts';

/** One line of the verdict table. */
export interface VerdictRow {
  /** Stays the same from version to version. */
  readonly id: string;
  readonly verdict: VerdictName;
  /** The condition in words, for `docs/verdicts.md`. */
  readonly seen: string;
  readonly when: (evidence: Evidence) => boolean;
  /** What the verdict tells its reader. */
  readonly reason: string;
  /** Where the row departs from its verdict's entry in `VERDICTS`. */
  readonly except?: Partial<Pick<Verdict, 'retry' | 'counts' | 'move'>>;
}
