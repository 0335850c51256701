import { EXIT_CODES } from './exit-codes.ts';
import { printFailure } from './failure.ts';
import { stopSignals } from './stop-signals.ts';

/** Does what prints an answer, and prints why it cannot be done. Resolves with the exit code, which the work may set. */
export async function answering(
  flags: { readonly json?: boolean },
  work: (signal: AbortSignal) => Promise<number | void>,
): Promise<number> {
  using stop = stopSignals();
  try {
    const exitCode = await work(stop.signal);
    return stop.exitCode ?? exitCode ?? EXIT_CODES.succeeded;
  } catch (error) {
    if (stop.exitCode !== undefined) return stop.exitCode;
    return printFailure(error, { stop, ...flags });
  }
}
