const NEWLINE = 10;
const MAX_LINE_BYTES = 256 * 1024 * 1024;

export interface LineSplitter {
  readonly push: (chunk: Buffer) => void;
  /** Hands over a last line that has no newline. */
  readonly end: () => void;
}

export interface LineSink {
  readonly onLine: (line: string) => void;
  /** A line longer than this is dropped. @default 268435456 */
  readonly maxBytes?: number;
  readonly onDropped?: (bytes: number) => void;
}

/** Cuts a stream of bytes into lines, each byte looked at once, however the chunks fall. */
export function splitLines({ onLine, maxBytes = MAX_LINE_BYTES, onDropped }: LineSink): LineSplitter {
  let parts: Buffer[] = [];
  let bytes = 0;

  function keep(part: Buffer): void {
    bytes += part.length;
    if (bytes > maxBytes) parts = [];
    else parts.push(part);
  }

  function flush(): void {
    const line = bytes > maxBytes ? undefined : textOf(parts);
    const length = bytes;
    parts = [];
    bytes = 0;
    if (line === undefined) onDropped?.(length);
    else if (line.trim() !== '') onLine(line);
  }

  return {
    push(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end));
        flush();
        start = end + 1;
      }
      if (start < chunk.length) keep(chunk.subarray(start));
    },
    end: flush,
  };
}

function textOf(parts: readonly Buffer[]): string {
  const [first] = parts;
  if (first === undefined) return '';
  return (parts.length === 1 ? first : Buffer.concat(parts)).toString('utf8');
}
