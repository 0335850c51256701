#!/usr/bin/env node
import { commandLine } from './command-line.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { reportError } from './report-error.ts';

// Its reader may leave at any time, also where no command listens for it.
process.stdout.on('error', () => process.once('exit', () => (process.exitCode ||= EXIT_CODES.brokenPipe)));

try {
  await commandLine().parseAsync();
} catch (error) {
  process.exitCode = await reportError(error);
}
