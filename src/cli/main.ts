#!/usr/bin/env node
import { commandLine } from './command-line.ts';
import { reportError } from './report-error.ts';

try {
  await commandLine().parseAsync();
} catch (error) {
  process.exitCode = await reportError(error);
}
