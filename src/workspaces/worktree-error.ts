import { PoolError } from '../errors.ts';

export function worktreeError(message: string, cause?: unknown): PoolError {
  return new PoolError('WORKTREE', message, cause === undefined ? {} : { cause });
}
