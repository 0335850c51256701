import { createReadStream } from 'node:fs';
import { splitLines } from './split-lines.ts';
import { transcriptLine } from './transcript-line.ts';
import type { TranscriptLine } from './transcript-line.ts';

/** Reads the prompts and answers of one file, in order. */
export async function* readTranscript(file: string, signal: AbortSignal): AsyncGenerator<TranscriptLine> {
  let ready: TranscriptLine[] = [];
  const lines = splitLines({
    onLine(text) {
      const line = transcriptLine(text);
      if (line !== undefined) ready.push(line);
    },
  });
  for await (const chunk of createReadStream(file, { signal })) {
    lines.push(chunk);
    yield* ready;
    ready = [];
  }
  lines.end();
  yield* ready;
}
