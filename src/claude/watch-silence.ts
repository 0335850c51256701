import { LONGEST_TIMER_MS } from '../world.ts';
import type { LiveSession } from './live-session.ts';

const SILENCE_MS = 240_000;

export interface SilenceWatch {
  readonly heard: () => void;
  readonly stop: () => void;
}

export interface SilenceHooks {
  /** @default 240000 */
  readonly silenceMs: number | undefined;
  /** The process is silent, but answers a ping: it waits for something. */
  readonly onWaiting: () => void;
  /** The process does not answer a ping. */
  readonly onWedged: () => void;
}

/** Pings a process that says nothing for too long. */
export function watchSilence(
  session: LiveSession,
  { silenceMs = SILENCE_MS, onWaiting, onWedged }: SilenceHooks,
): SilenceWatch {
  const timer = setTimeout(() => void ping(), Math.min(silenceMs, LONGEST_TIMER_MS));
  const stopped = new AbortController();

  async function ping(): Promise<void> {
    const isAlive = await session.request({ subtype: 'get_binary_version' }).then(
      () => true,
      () => false,
    );
    if (stopped.signal.aborted) return;
    if (!isAlive) return onWedged();
    timer.refresh();
    onWaiting();
  }

  return {
    heard: () => void timer.refresh(),
    stop() {
      stopped.abort();
      clearTimeout(timer);
    },
  };
}
