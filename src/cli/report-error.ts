import { CommanderError } from 'commander';
import { printError } from './envelope.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';

/**
 * Turns what was thrown before a command began into an exit code. Commander has told its errors on stderr already; help
 * and version are none.
 */
export async function reportError(error: unknown): Promise<number> {
  const isJson = process.argv.includes('--json');
  if (!(error instanceof CommanderError)) return reportFailure(error, isJson);
  if (error.exitCode === 0) return EXIT_CODES.succeeded;
  if (isJson) printError({ code: 'INVALID_OPTIONS', message: error.message.replace(/^error: /, '') });
  return EXIT_CODES.usage;
}

async function reportFailure(error: unknown, isJson: boolean): Promise<number> {
  const { failureOf, failureText } = await import('./failure.ts');
  const failure = failureOf(error, new AbortController().signal);
  if (isJson) printError(failure);
  else process.stderr.write(failureText(failure, 0));
  return exitCodeOf(failure.code);
}
