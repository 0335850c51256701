import { PoolError } from '../index.ts';
import type { PoolErrorCode } from '../index.ts';
import { EXIT_CODES } from './exit-codes.ts';

const SIGNALS = {
  SIGINT: EXIT_CODES.interrupt,
  SIGTERM: EXIT_CODES.terminate,
  SIGHUP: EXIT_CODES.hangup,
} as const;

const SIGNAL_NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm and npx hand on the Ctrl-C that the terminal has sent already: what comes within this time is the same one. */
const SAME_SIGNAL_MS = 500;

/** A request to stop, from wherever it comes. */
export interface Stop extends Disposable {
  /** Its reason is a `PoolError`. */
  readonly signal: AbortSignal;
  /** Present when it has stopped. */
  readonly exitCode: number | undefined;
  now(ending: { readonly code: PoolErrorCode; readonly message: string; readonly exitCode: number }): void;
}

/** Stops on the first signal or when the reader of stdout has left; exits on the second signal. */
export function stopSignals(): Stop {
  const controller = new AbortController();
  const { signal } = controller;
  let exitCode: number | undefined;
  let patience: NodeJS.Timeout | undefined;
  let isAtOnce = false;

  const stop: Stop = {
    signal,
    get exitCode() {
      return exitCode;
    },
    now({ code, message, exitCode: given }) {
      exitCode ??= given;
      controller.abort(new PoolError(code, message));
    },
    [Symbol.dispose]() {
      clearTimeout(patience);
      for (const name of SIGNAL_NAMES) process.off(name, onSignal);
    },
  };

  function onSignal(name: keyof typeof SIGNALS): void {
    if (isAtOnce) process.exit(SIGNALS[name]);
    patience ??= setTimeout(offerToExit, SAME_SIGNAL_MS);
    stop.now({ code: 'CANCELLED', message: `Cancelled by ${name}.`, exitCode: SIGNALS[name] });
  }

  function offerToExit(): void {
    isAtOnce = true;
    process.stderr.write('Stopping. Press Ctrl-C again to exit at once.\n');
  }

  function onBrokenPipe(): void {
    const message = 'Cancelled: the reader of stdout has left.';
    stop.now({ code: 'CANCELLED', message, exitCode: EXIT_CODES.brokenPipe });
  }

  for (const name of SIGNAL_NAMES) process.on(name, onSignal);
  // Never removed: the error of a last write comes when all else is over.
  process.stdout.on('error', onBrokenPipe);
  process.stderr.on('error', () => undefined);
  return stop;
}
