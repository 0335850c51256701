/** What a command can end with. Errors that are not named here end with `failed`. */
export const EXIT_CODES = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  cancelled: 3,
  budget: 4,
  review: 5,
  unavailable: 69,
  tryLater: 75,
  hangup: 129,
  interrupt: 130,
  brokenPipe: 141,
  terminate: 143,
} as const;

const BY_ERROR: Readonly<Record<string, number>> = {
  INVALID_OPTIONS: EXIT_CODES.usage,
  CANCELLED: EXIT_CODES.cancelled,
  BUDGET_EXCEEDED: EXIT_CODES.budget,
  CLAUDE_NOT_FOUND: EXIT_CODES.unavailable,
  CLAUDE_AUTH: EXIT_CODES.unavailable,
  CLAUDE_PROTOCOL: EXIT_CODES.unavailable,
  USAGE_LIMIT: EXIT_CODES.tryLater,
  TIMEOUT: EXIT_CODES.tryLater,
  POOL_UNREACHABLE: EXIT_CODES.unavailable,
};

/** The exit code for the code of a `PoolError`. */
export function exitCodeOf(errorCode: string): number {
  return BY_ERROR[errorCode] ?? EXIT_CODES.failed;
}
