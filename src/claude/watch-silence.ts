import type { LiveSession } from './live-session.ts';

export interface SilenceWatch {
  heard(): void;
  stop(): void;
}

export interface SilenceHooks {
  readonly silenceMs: number;
  /** The process is silent, but answers a ping: it waits for something. */
  readonly onWaiting: () => void;
  /** The process does not answer a ping. */
  readonly onWedged: () => void;
}

/** Pings a process that says nothing for too long. */
export function watchSilence(
  session: LiveSession,
  { silenceMs, onWaiting, onWedged }: SilenceHooks,
): SilenceWatch {
  const timer = setTimeout(() => void ping(), silenceMs);
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
