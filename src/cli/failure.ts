import pc from 'picocolors';
import { PoolError } from '../index.ts';
import type { VerdictName } from '../index.ts';
import { printError } from './envelope.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import type { Stop } from './stop-signals.ts';

/** What is told of an error. */
export interface Failure {
  /** Of `PoolError`, or `INTERNAL` for what no code knows. */
  readonly code: string;
  readonly message: string;
  readonly verdict?: VerdictName;
  readonly taskId?: string;
  /** What to do about it, where the message does not say. */
  readonly advice?: string;
  /** Text that Claude had written by then. */
  readonly output?: string;
  /** The end of what Claude wrote to stderr. */
  readonly stderr?: string;
}

/** When the task was stopped, why it was stopped matters more than how it ended. */
export function failureOf(error: unknown, signal?: AbortSignal): Failure {
  const cause: unknown = signal?.aborted === true ? signal.reason : error;
  if (!(cause instanceof PoolError)) return internal(cause);
  const { code, message } = cause;
  const { verdict, taskId, report } = error instanceof PoolError ? error : cause;
  const advice = ADVICE[verdict ?? ''] ?? ADVICE[code];
  const output = report?.partialText ?? report?.evidence.result?.text;
  return {
    code,
    message,
    ...(verdict !== undefined && { verdict }),
    ...(taskId !== undefined && { taskId }),
    ...(advice !== undefined && { advice }),
    ...(output !== undefined && { output }),
    ...(report?.stderrTail !== undefined && { stderr: report.stderrTail }),
  };
}

/** Prints why a command could not do what it was asked to. Gives the exit code. */
export function printFailure(
  error: unknown,
  { stop, json }: { readonly stop: Stop; readonly json?: boolean },
): number {
  if (stop.exitCode === EXIT_CODES.brokenPipe) return stop.exitCode;
  const failure = failureOf(error, stop.signal);
  if (json === true) printError(failure);
  else process.stderr.write(failureText(failure));
  return stop.exitCode ?? exitCodeOf(failure.code);
}

/** A failure for a reader: what, why, what to do. */
export function failureText({ code, message, verdict, advice, stderr = '' }: Failure, spendUsd = 0): string {
  const facts = [
    code,
    ...(verdict === undefined ? [] : [verdict]),
    ...(spendUsd === 0 ? [] : [`$${spendUsd.toFixed(4)} spent`]),
  ];
  const lines = [
    `${pc.red('error:')} ${message}`,
    ...(advice === undefined ? [] : [advice]),
    ...(stderr.trim() === '' ? [] : [`claude wrote: ${stderr.trim()}`]),
    pc.dim(`(${facts.join(' · ')})`),
  ];
  return `${lines.join('\n')}\n`;
}

const ADVICE: Readonly<Record<string, string>> = {
  CLAUDE_NOT_FOUND: 'On the command line, that option is `--claude <path>`.',
  budget: 'Raise `--budget-usd`.',
  hung: 'Raise `--timeout`, or give the task in smaller parts.',
  maxTurns: 'Raise `--max-turns`, or give the task in smaller parts.',
  contextOverflow: 'Shorten the prompt, or give the task in smaller parts.',
  overloaded: 'Try again later.',
  refused: 'Put the prompt in other words.',
  invalidRequest: 'Check `--model` and the prompt.',
  crashed: 'Try `claude` by hand; `claude doctor` tells what is wrong with it.',
};

/** Nobody foresaw it: the stack is what a report of it needs. */
function internal(error: unknown): Failure {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'INTERNAL', message };
}
