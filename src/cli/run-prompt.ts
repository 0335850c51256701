import { createPool, PoolError } from '../index.ts';
import type { TaskResult } from '../index.ts';
import { printData, printError } from './envelope.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { failureOf, failureText } from './failure.ts';
import { inspection } from './inspection.ts';
import { singlePoolOptionsOf } from './pool-options-of.ts';
import { readStdin } from './read-stdin.ts';
import type { RunFlags } from './run-command.ts';
import { stopSignals } from './stop-signals.ts';
import type { Stop } from './stop-signals.ts';
import { tellDelays } from './tell-delays.ts';
import { textPrinter } from './text-printer.ts';

type RunEnd =
  | { readonly status: 'completed'; readonly result: TaskResult }
  | { readonly status: 'failed'; readonly error: unknown; readonly spendUsd: number };

/** Runs one task on a pool of one slot. Resolves with the exit code when no process is left. */
export async function runPrompt(prompt: string, flags: RunFlags): Promise<number> {
  using stop = stopSignals();
  const end = await runTask(prompt, flags, stop).catch((error: unknown): RunEnd => ({
    status: 'failed',
    error,
    spendUsd: 0,
  }));
  if (end.status === 'completed') {
    if (flags.json === true) printData(end.result);
    return EXIT_CODES.succeeded;
  }
  const failure = failureOf(end.error, stop.signal);
  if (stop.exitCode === EXIT_CODES.brokenPipe) return stop.exitCode;
  if (flags.json === true) printError({ ...failure, spendUsd: end.spendUsd });
  else process.stderr.write(failureText(failure, end.spendUsd));
  return stop.exitCode ?? exitCodeOf(failure.code);
}

async function runTask(prompt: string, flags: RunFlags, stop: Stop): Promise<RunEnd> {
  const { signal } = stop;
  const text = prompt === '-' ? await promptFromStdin(signal) : prompt;
  const printer = textPrinter({ isSilent: flags.json === true });
  await using inspecting = inspection(flags.inspect);
  await using pool = await createPool({ ...singlePoolOptionsOf(flags), ...inspecting.options, signal });
  await inspecting.serve(pool);
  tellDelays(pool, stop);
  const taskId = await pool.submit(text, { signal });
  signal.throwIfAborted();
  const cancel = (): void => void pool.cancel(taskId);
  signal.addEventListener('abort', cancel);
  try {
    for await (const piece of pool.output(taskId)) printer.print(piece);
    const result = await pool.wait(taskId);
    printer.end(result.output);
    return { status: 'completed', result };
  } catch (error) {
    printer.end();
    return { status: 'failed', error, spendUsd: pool.task(taskId).spendUsd };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function promptFromStdin(signal: AbortSignal): Promise<string> {
  const text = await readStdin(signal);
  if (text.trim() !== '') return text;
  throw new PoolError('INVALID_OPTIONS', 'Expected a prompt on stdin, got nothing.');
}
