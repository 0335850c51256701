import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Pool } from '../../index.ts';
import type { RunningTask, View } from './desk.ts';
import { lastWords, runningIn } from './last-words.ts';
import type { LastWords } from './last-words.ts';
import { titleOfTask } from './title-of.ts';

const SHORTEST_MS = 100;

/** The pool as it is, and again whenever it has changed, at most ten times a second. Ends with the pool. */
export async function* viewsOf(pool: Pool, outer: AbortSignal | undefined): AsyncGenerator<View> {
  const leave = new AbortController();
  const signal = AbortSignal.any([leave.signal, ...(outer ? [outer] : [])]);
  const bell = bellUntil(signal);
  const words = lastWords(pool, { signal, onChange: bell.ring });
  const stop = pool.on('event', bell.ring);
  try {
    // What running tasks have written so far is there one turn later.
    await setImmediate();
    for (;;) {
      const view = viewOf(pool, words);
      yield view;
      if (view.status.state === 'drained') return;
      await bell.rung();
      await setTimeout(SHORTEST_MS, undefined, { signal });
    }
  } finally {
    stop();
    leave.abort();
  }
}

/** Remembers that it was rung until somebody has heard it. */
function bellUntil(signal: AbortSignal): { readonly ring: () => void; readonly rung: () => Promise<void> } {
  let isRung = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    isRung = true;
    wake?.();
  };
  signal.addEventListener('abort', ring, { once: true });
  return {
    ring,
    async rung() {
      if (!isRung) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      isRung = false;
      signal.throwIfAborted();
    },
  };
}

function viewOf(pool: Pool, words: LastWords): View {
  const status = pool.status();
  const running = runningIn(status).map((id) => {
    const task = pool.task(id);
    const { startedAt, spendUsd } = task;
    const shown: RunningTask = {
      title: titleOfTask(task),
      spendUsd,
      words: words.of(id),
      ...(startedAt !== undefined && { startedAt }),
    };
    return [id, shown] as const;
  });
  return { status, running: Object.fromEntries(running) };
}
