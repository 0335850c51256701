export interface TextTail {
  readonly push: (chunk: Buffer) => void;
  /** The last lines, trimmed. */
  readonly text: () => string;
}

/** Remembers the end of a stream, at most `maxBytes` of it. */
export function textTail(maxBytes: number): TextTail {
  let tail: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      tail = Buffer.concat([tail, chunk.subarray(-maxBytes)]).subarray(-maxBytes);
    },
    text: () => tail.toString('utf8').trim(),
  };
}
