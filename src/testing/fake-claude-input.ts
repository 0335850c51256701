import { StringDecoder } from 'node:string_decoder';
import type { ControlRequest } from './fake-claude-control.ts';

/** A line that the fake Claude acts on. */
export type InputLine =
  | { readonly type: 'user'; readonly prompt: string; readonly uuid: string | undefined }
  | { readonly type: 'control_request'; readonly id: string; readonly request: ControlRequest }
  | { readonly type: 'ignored' }
  | { readonly type: 'unreadable'; readonly reason: string };

/** The fields of a line that the fake Claude looks at. */
interface RawLine {
  readonly type?: string;
  readonly uuid?: string;
  readonly message?: {
    readonly role?: string;
    readonly content?: string | readonly { readonly text?: string }[];
  };
  readonly request_id?: string;
  readonly request?: ControlRequest;
}

/** Calls back for each line of standard input, in order. */
export function readLines({ onLine, onEnd }: { onLine: (line: InputLine) => void; onEnd: () => void }): void {
  const decoder = new StringDecoder('utf8');
  let pending: string[] = [];
  process.stdin.on('data', (chunk: Buffer) => {
    const [first = '', ...rest] = decoder.write(chunk).split('\n');
    pending.push(first);
    for (const part of rest) {
      onLine(parseLine(pending.join('')));
      pending = [part];
    }
  });
  process.stdin.once('end', onEnd);
}

function parseLine(text: string): InputLine {
  if (text.trim() === '') return { type: 'ignored' };
  const line = parseJson(text);
  if (line === undefined) return unreadable(text);
  if (line.type === 'user') return userLine(line, text);
  if (line.type === 'control_request' && line.request !== undefined) {
    return { type: 'control_request', id: line.request_id ?? '', request: line.request };
  }
  return { type: 'ignored' };
}

function userLine({ message, uuid }: RawLine, text: string): InputLine {
  if (message === undefined || message.role !== 'user') return unreadable(text);
  const { content = '' } = message;
  const prompt = typeof content === 'string' ? content : content.map((block) => block.text ?? '').join('\n');
  return { type: 'user', prompt, uuid };
}

function parseJson(text: string): RawLine | undefined {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return undefined;
  }
}

function unreadable(text: string): InputLine {
  return { type: 'unreadable', reason: `Error parsing streaming input line: ${text.slice(0, 200)}` };
}
