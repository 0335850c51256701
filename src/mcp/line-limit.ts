import { Transform } from 'node:stream';

const NEWLINE = 0x0a;
/** Below what the transport takes: it would close for good at a longer line. */
const LONGEST_BYTES = 4 * 2 ** 20;

/** Cuts lines that are too long and swallows their rest, so that no message can end the connection. */
export function lineLimit(longest = LONGEST_BYTES): Transform {
  let length = 0;

  function* pieces(chunk: Buffer): Generator<Buffer> {
    let start = 0;
    while (start < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, start);
      const end = newline === -1 ? chunk.length : newline + 1;
      const room = Math.max(0, longest - length);
      if (room > 0) yield chunk.subarray(start, Math.min(end, start + room));
      if (room > 0 && end - start > room) yield Buffer.of(NEWLINE);
      length = newline === -1 ? length + end - start : 0;
      start = end;
    }
  }

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const piece of pieces(chunk)) this.push(piece);
      done();
    },
  });
}
