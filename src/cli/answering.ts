import { printError } from './envelope.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { failureOf, failureText } from './failure.ts';
import { stopSignals } from './stop-signals.ts';

/** Does what prints an answer, and prints why it cannot be done. Resolves with the exit code. */
export async function answering(
  { json }: { readonly json?: boolean },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<number> {
  using stop = stopSignals();
  try {
    await work(stop.signal);
    return stop.exitCode ?? EXIT_CODES.succeeded;
  } catch (error) {
    if (stop.exitCode !== undefined) return stop.exitCode;
    const failure = failureOf(error, stop.signal);
    if (json === true) printError(failure);
    else process.stderr.write(failureText(failure, 0));
    return exitCodeOf(failure.code);
  }
}
