import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { EXIT_CODES, exitCodeOf } from '../exit-codes.ts';
import { failureText } from '../failure.ts';
import type { Failure } from '../failure.ts';
import { printError } from '../envelope.ts';
import { printReady } from './ready.ts';
import type { Ready } from './ready.ts';
import type { ServeFlags } from './serve-command.ts';

const LONGEST_LOG = 2 ** 20;

type Report = { readonly ready: Ready } | { readonly failure: Failure };

/** Starts the same command in the background. Resolves with the exit code when it is ready or has failed. */
export async function inBackground(flags: ServeFlags, signal: AbortSignal): Promise<number> {
  const log = logIn(flags.stateDir);
  const [, ...args] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    detached: true,
    stdio: ['ignore', 'ignore', openSync(log, 'a', 0o600), 'ipc'],
  });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const report = await reportOf(child);
  signal.removeEventListener('abort', stop);
  if (report !== undefined && 'ready' in report) {
    child.disconnect();
    child.unref();
    printReady(report.ready, flags);
    return EXIT_CODES.succeeded;
  }
  signal.throwIfAborted();
  return printEnd(report?.failure ?? { code: 'INTERNAL', message: `The process ended. See ${log}.` }, flags);
}

/** Undefined when it has ended without a word. */
async function reportOf(child: ChildProcess): Promise<Report | undefined> {
  const ended = once(child, 'exit').then(() => undefined);
  const said = once(child, 'message').then(([report]: readonly Report[]) => report);
  const report = await Promise.race([said, ended]);
  if (report === undefined || 'failure' in report) await ended;
  return report;
}

function printEnd(failure: Failure, { json }: ServeFlags): number {
  if (json === true) printError(failure);
  else process.stderr.write(failureText(failure));
  return exitCodeOf(failure.code);
}

/** The log of the folder; an earlier one that has grown long is put aside. */
function logIn(stateDir: string): string {
  const log = path.resolve(stateDir, 'serve.log');
  mkdirSync(path.dirname(log), { recursive: true, mode: 0o700 });
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LONGEST_LOG) renameSync(log, `${log}.1`);
  return log;
}
