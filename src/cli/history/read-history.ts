import { openHistory } from '../../index.ts';
import type { History } from '../../index.ts';
import { printError } from '../envelope.ts';
import { EXIT_CODES, exitCodeOf } from '../exit-codes.ts';
import { failureOf, failureText } from '../failure.ts';
import { stopSignals } from '../stop-signals.ts';
import type { HistoryFlags } from './history-commands.ts';

/** Reads the folder and prints what the work prints. Resolves with the exit code. */
export async function readHistory(
  { stateDir, json }: HistoryFlags,
  work: (history: History, signal: AbortSignal) => Promise<void>,
): Promise<number> {
  using stop = stopSignals();
  try {
    await using history = await openHistory({ stateDir });
    await work(history, stop.signal);
    return stop.exitCode ?? EXIT_CODES.succeeded;
  } catch (error) {
    if (stop.exitCode !== undefined) return stop.exitCode;
    const failure = failureOf(error, stop.signal);
    if (json === true) printError(failure);
    else process.stderr.write(failureText(failure, 0));
    return exitCodeOf(failure.code);
  }
}
