import { CommanderError } from 'commander';
import { printError } from './envelope.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** Turns what commander threw into an exit code. Its message is on stderr already; help and version are no errors. */
export function reportUsageError(error: unknown): number {
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode === 0) return EXIT_CODES.succeeded;
  if (process.argv.includes('--json')) {
    printError({ code: 'INVALID_OPTIONS', message: error.message.replace(/^error: /, '') });
  }
  return EXIT_CODES.usage;
}
