import { setTimeout } from 'node:timers/promises';
import type { WriteStream } from 'node:tty';
import type { Desk, News, View } from '../desk/desk.ts';
import { frame } from './frame.ts';
import { newsLine } from './news-line.ts';

const FRAME_MS = 100;
/** How long the last news may be late, in milliseconds. */
const LATE_MS = 1_000;

/** Shows what a pool does, until its end. */
export interface Progress {
  /** Begins to tell what happens to these tasks and chains. @default to all */
  watch(ids?: readonly string[]): void;
  /** Ends when it has told the end of these tasks and chains. */
  end(ids: readonly string[]): Promise<void>;
}

interface ProgressOptions {
  readonly desk: Desk;
  readonly stream: WriteStream;
}

/** A picture that is drawn again and again on a terminal, a line for each event elsewhere. */
export function progress(options: ProgressOptions): Promise<Progress> {
  const { isTTY, rows } = options.stream;
  return isTTY && rows > 0 ? livePicture(options) : plainLines(options);
}

export const noProgress: Progress = { watch: () => undefined, end: async () => undefined };

async function livePicture({ desk, stream }: ProgressOptions): Promise<Progress> {
  const leave = new AbortController();
  const { createLogUpdate } = await import('log-update');
  const draw = createLogUpdate(stream);
  let view: View | undefined;
  const show = (): void => {
    if (view !== undefined)
      draw(frame(view, { now: Date.now(), columns: stream.columns, rows: stream.rows }));
  };
  const views = await desk.views({ signal: leave.signal });
  const following = (async () => {
    for await (const next of views) {
      view = next;
      show();
    }
  })().catch(() => undefined);
  const timer = setInterval(show, FRAME_MS);
  return {
    watch: () => undefined,
    async end() {
      clearInterval(timer);
      leave.abort();
      await following;
      draw.clear();
      draw.done();
    },
  };
}

async function plainLines({ desk, stream }: ProgressOptions): Promise<Progress> {
  const leave = new AbortController();
  const startedAt = Date.now();
  const over = new Set<string>();
  let onOver: (() => void) | undefined;
  let telling: Promise<void> | undefined;
  const news = await desk.news({ signal: leave.signal });

  async function tell(wanted: ReadonlySet<string> | undefined): Promise<void> {
    for await (const item of news) {
      if (wanted?.has(item.id) === false) continue;
      stream.write(`${newsLine(item, startedAt)}\n`);
      if (isEnd(item)) over.add(item.id);
      onOver?.();
    }
  }

  return {
    watch(ids) {
      telling = tell(ids && new Set(ids)).catch(() => undefined);
    },
    async end(ids) {
      const told = new Promise<void>((resolve) => {
        onOver = () => ids.every((id) => over.has(id)) && resolve();
        onOver();
      });
      await Promise.race([told, telling, setTimeout(LATE_MS, undefined, leave)]).catch(() => undefined);
      leave.abort();
      await telling;
    },
  };
}

function isEnd({ change }: News): boolean {
  return ['completed', 'failed', 'cancelled', 'pendingReview'].includes(change);
}
