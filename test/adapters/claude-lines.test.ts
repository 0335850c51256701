import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLine } from '../../src/claude/protocol.ts';
import { splitLines } from '../../src/claude/split-lines.ts';
import { textTail } from '../../src/claude/text-tail.ts';

test('lines come out as they went in, however the bytes are cut', () => {
  const line = fc.string({ unit: 'binary', minLength: 1 }).map((text) => JSON.stringify(text));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(64)), (lines, cuts) => {
      expect(linesOf(chunksOf(Buffer.from(lines.map((text) => `${text}\n`).join('')), cuts))).toEqual(lines);
    }),
  );
});

test('a last line without a newline is handed over at the end', () => {
  expect(linesOf([Buffer.from('one\ntwo')])).toEqual(['one', 'two']);
});

test('blank lines are left out', () => {
  expect(linesOf([Buffer.from('\n  \none\n\n')])).toEqual(['one']);
});

test('a line that is too long is dropped and told, and the next one is read', () => {
  const lines: string[] = [];
  const dropped: number[] = [];
  const splitter = splitLines({
    onLine: (line) => lines.push(line),
    maxBytes: 4,
    onDropped: (bytes) => dropped.push(bytes),
  });

  for (const chunk of ['abc', 'def', 'g\nhi', '\n']) splitter.push(Buffer.from(chunk));

  expect({ lines, dropped }).toEqual({ lines: ['hi'], dropped: [7] });
});

test('a line of many megabytes in many chunks takes linear time', () => {
  const chunk = Buffer.alloc(1024, 'x');
  const chunks = Array.from({ length: 32 * 1024 }, () => chunk);

  const lines = linesOf([...chunks, Buffer.from('\n')]);

  expect(lines.map((line) => line.length)).toEqual([32 * 1024 * 1024]);
});

test('a tail keeps the end of what was said', () => {
  const tail = textTail(6);

  for (const chunk of ['first ', 'second ', 'third\n']) tail.push(Buffer.from(chunk));

  expect(tail.text()).toBe('third');
});

test('a line that is no JSON object is malformed', () => {
  const lines = ['not json', '42', '[]', '{}', '{"type":7}'].map(parseLine);

  expect(lines.map(({ type }) => type)).toEqual(Array.from({ length: 5 }, () => 'malformed'));
});

test('a line of an unknown type is kept as unknown', () => {
  expect(parseLine('{"type":"tool_progress","elapsed":3}')).toEqual({
    type: 'unknown',
    name: 'tool_progress',
  });
  expect(parseLine('{"type":"system","subtype":"news"}')).toEqual({ type: 'unknown', name: 'system/news' });
});

test('a result of which nothing but its type is known is a result', () => {
  expect(parseLine('{"type":"result","errors":7,"usage":"much","total_cost_usd":null}')).toMatchObject({
    type: 'result',
    evidence: { subtype: 'unknown', isError: false, errors: [], turns: 0, denials: [] },
    isSpontaneous: false,
  });
});

test('parsing never throws', () => {
  const types = ['assistant', 'control_request', 'control_response', 'result', 'stream_event', 'system'];
  const object = fc.tuple(fc.constantFrom(...types), fc.object()).map(([type, rest]) => ({ ...rest, type }));
  fc.assert(
    fc.property(object, (raw) => {
      expect(parseLine(JSON.stringify(raw)).type).toEqual(expect.any(String));
    }),
  );
});

test('the reset time of a usage limit is told in milliseconds', () => {
  const line = { type: 'rate_limit_event', rate_limit_info: { status: 'rejected', resetsAt: 1_795_371_355 } };

  expect(parseLine(JSON.stringify(line))).toEqual({
    type: 'rateLimit',
    isRejected: true,
    resetsAt: 1_795_371_355_000,
  });
});

function linesOf(chunks: readonly Buffer[]): string[] {
  const lines: string[] = [];
  const splitter = splitLines({ onLine: (line) => lines.push(line) });
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = cuts.reduce<number[]>((before, cut) => [...before, (before.at(-1) ?? 0) + cut], []);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}
