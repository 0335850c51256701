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
  /** Stops when the time is over. */
  within(milliseconds: number): void;
  /** Whether another signal comes within the time, once that was offered. It does not end the process then. */
  again(withinMs: number, offer: string): Promise<boolean>;
}

/** Stops on the first signal or when the reader of stdout has left; exits on the second signal. */
export function stopSignals(): Stop {
  const controller = new AbortController();
  const { signal } = controller;
  let exitCode: number | undefined;
  let patience: NodeJS.Timeout | undefined;
  let limit: NodeJS.Timeout | undefined;
  let onSecond: ((name: keyof typeof SIGNALS) => void) | undefined;

  const stop: Stop = {
    signal,
    get exitCode() {
      return exitCode;
    },
    now({ code, message, exitCode: given }) {
      exitCode ??= given;
      controller.abort(new PoolError(code, message));
    },
    within(milliseconds) {
      const ending = { code: 'TIMEOUT', exitCode: EXIT_CODES.tryLater } as const;
      limit = setTimeout(() => stop.now({ ...ending, message: 'The time to wait is over.' }), milliseconds);
    },
    again(withinMs, offer) {
      clearTimeout(patience);
      return new Promise((resolve) => {
        patience = setTimeout(() => {
          process.stderr.write(offer);
          onSecond = () => {
            onSecond = exitAtOnce;
            resolve(true);
          };
          patience = setTimeout(() => resolve(false), withinMs);
        }, SAME_SIGNAL_MS);
      });
    },
    [Symbol.dispose]() {
      clearTimeout(patience);
      clearTimeout(limit);
      for (const name of SIGNAL_NAMES) process.off(name, onSignal);
    },
  };

  function onSignal(name: keyof typeof SIGNALS): void {
    onSecond?.(name);
    patience ??= setTimeout(offerToExit, SAME_SIGNAL_MS);
    stop.now({ code: 'CANCELLED', message: `Cancelled by ${name}.`, exitCode: SIGNALS[name] });
  }

  function offerToExit(): void {
    onSecond = exitAtOnce;
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

function exitAtOnce(name: keyof typeof SIGNALS): never {
  process.exit(SIGNALS[name]);
}
