import type { Pool } from '../../index.ts';
import { eventLine } from './event-line.ts';
import { frame } from './frame.ts';
import { lastWords } from './last-words.ts';

const FRAME_MS = 100;

/** Shows what the pool does, until its end. */
export interface Progress {
  end(): void;
}

/** A picture that is drawn again and again, for a terminal. */
export async function liveProgress(pool: Pool): Promise<Progress> {
  const { default: draw } = await import('log-update');
  const wordsOf = lastWords(pool);
  const show = (): void => {
    const width = process.stdout.columns;
    draw(frame({ status: pool.status(), taskOf: (id) => pool.task(id), wordsOf, now: Date.now(), width }));
  };
  const timer = setInterval(show, FRAME_MS);
  show();
  return {
    end() {
      clearInterval(timer);
      draw.clear();
      draw.done();
    },
  };
}

/** A line for each event, for a file or a pipe. */
export function plainProgress(pool: Pool): Progress {
  const startedAt = Date.now();
  const leave = pool.on('event', (event) => {
    const line = eventLine(event, { taskOf: (id) => pool.task(id), startedAt });
    if (line !== undefined) process.stdout.write(`${line}\n`);
  });
  return { end: leave };
}

export const noProgress: Progress = { end: () => undefined };
