import { timeLeft } from './tool.ts';
import type { Call } from './tool.ts';

/** Aborts when a call has to be answered, or is taken back. */
export interface Bound extends Disposable {
  readonly signal: AbortSignal;
}

export function boundOf(call: Call): Bound {
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = setTimeout(end, timeLeft(call));
  call.signal.addEventListener('abort', end, { once: true });
  if (call.signal.aborted) end();
  return {
    signal: over.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      call.signal.removeEventListener('abort', end);
      end();
    },
  };
}
