import { PoolError } from '../errors.ts';

/** One thing that was looked at. */
export interface Diagnosis {
  readonly check:
    'node' | 'claude' | 'login' | 'git' | 'memory' | 'config' | 'state' | 'processes' | 'worktrees';
  /** A pool works with warnings; with an error something of it does not. */
  readonly status: 'ok' | 'warning' | 'error';
  readonly message: string;
  /** What to do. */
  readonly remedy?: string;
  /** Does what can be done without a loss; resolves with what was done. */
  readonly fix?: () => Promise<string>;
}

/** An error as a finding. */
export function faultDiagnosis(check: Diagnosis['check'], error: unknown, remedy?: string): Diagnosis {
  const message = error instanceof PoolError ? error.message : String(error);
  return { check, status: 'error', message, ...(remedy !== undefined && { remedy }) };
}
