import type { Connection } from './connection.ts';

const PATIENCE_WITH_GARBAGE = 20;

/** What a process says before it is ready, kept for the error when it never is. */
export interface FirstWords {
  /** Beginnings of lines that are not JSON. */
  readonly malformed: readonly string[];
  readonly errors: readonly string[];
  /** Aborted when nothing sensible is to be expected any more. */
  readonly tooMuch: AbortSignal;
}

export function firstWords(connection: Connection, until: AbortSignal): FirstWords {
  const malformed: string[] = [];
  const errors: string[] = [];
  const tooMuch = new AbortController();
  const deafen = connection.listen((line) => {
    if (line.type === 'result') errors.push(...line.evidence.errors);
    if (line.type !== 'malformed') return;
    malformed.push(line.excerpt);
    if (malformed.length >= PATIENCE_WITH_GARBAGE) tooMuch.abort();
  });
  until.addEventListener('abort', deafen, { once: true });
  return { malformed, errors, tooMuch: tooMuch.signal };
}
