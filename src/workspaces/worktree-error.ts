import { PoolError } from '../errors.ts';

export function worktreeError(message: string, cause?: unknown): PoolError {
  return new PoolError('WORKTREE', message, cause === undefined ? {} : { cause });
}

export function unwritable(place: string, cause: unknown): PoolError {
  return worktreeError(
    `Expected to write to \`${place}\`, got: ${String(cause)}. Allow it and make room, or choose another \`worktreeDir\`.`,
    cause,
  );
}
