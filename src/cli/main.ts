#!/usr/bin/env node
import { commandLine } from './command-line.ts';
import { reportUsageError } from './usage-error.ts';

try {
  await commandLine().parseAsync();
} catch (error) {
  process.exitCode = reportUsageError(error);
}
