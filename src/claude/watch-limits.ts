import type { Interruption } from '../../machines/types.ts';
import { LONGEST_TIMER_MS } from '../world.ts';

export interface TurnLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number | undefined;
  readonly onLimit: (reason: Interruption) => void;
}

/** Tells when the caller or the time of a turn says stop. Returns how to stop watching. */
export function watchLimits({ signal, timeoutMs, onLimit }: TurnLimits): () => void {
  const cancel = () => onLimit('cancelled');
  const deadline =
    timeoutMs === undefined
      ? undefined
      : setTimeout(onLimit, Math.min(timeoutMs, LONGEST_TIMER_MS), 'timeout');
  signal.addEventListener('abort', cancel);
  return () => {
    clearTimeout(deadline);
    signal.removeEventListener('abort', cancel);
  };
}
