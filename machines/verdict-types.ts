import type { Timestamp } from './types.ts';

/** What an attempt came to. `docs/verdicts.md` says what each means. */
export type VerdictName =
  | 'succeeded'
  | 'succeededWithDenials'
  | 'incomplete'
  | 'rateLimited'
  | 'overloaded'
  | 'auth'
  | 'budget'
  | 'contextOverflow'
  | 'maxTurns'
  | 'refused'
  | 'invalidRequest'
  | 'crashed'
  | 'hung'
  | 'cancelled';

/** What an attempt came to. */
export interface Verdict {
  readonly name: VerdictName;
  /** Whether the task did what it was asked, as far as the evidence goes. */
  readonly ok: boolean;
  /** Whether another attempt may help. */
  readonly retry: boolean;
  /** Whether the attempt counts against the task's retries. */
  readonly counts: boolean;
  /** Who can act on it. */
  readonly move: Move;
  /** What was seen, as one sentence. */
  readonly reason: string;
  readonly resetsAt?: Timestamp;
}

/** Who can do something about a verdict. */
export type Move = 'nobody' | 'caller' | 'pool' | 'operator';
