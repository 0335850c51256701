import { setTimeout as wait } from 'node:timers/promises';
import type { AnswerBlock, ModelAnswer } from './fake-api-message.ts';
import { streamEvents } from './fake-api-stream.ts';
import { sayAssistant, sayStreamEvent } from './fake-claude-lines.ts';
import type { FakeProcess } from './fake-claude-process.ts';
import type { Message } from './script.ts';

/** What has arrived of an answer. */
export interface Arrival {
  /** The API charges from here on. */
  hasBegun: boolean;
  text: string;
}

/** Passes an answer on as it is streamed. Rejects when it is aborted. */
export async function streamAnswer(
  claude: FakeProcess,
  {
    answer,
    message,
    arrival,
    signal,
  }: { answer: ModelAnswer; message: Message; arrival: Arrival; signal: AbortSignal },
): Promise<void> {
  await pause(message.delayMs, signal);
  for (const { type, afterPause, fields } of streamEvents(answer)) {
    if (afterPause === true) await pause(message.pieceDelayMs, signal);
    if (type === 'content_block_stop') sayWholeBlock(claude, answer, fields);
    sayStreamEvent(claude, { type, ...fields });
    arrival.hasBegun = true;
    arrival.text += streamedText(fields);
  }
}

/** Passes on the beginning of an answer that does not come to its end, and gives the text of it. */
export function sayFirstPiece(claude: FakeProcess, answer: ModelAnswer): string {
  const events = streamEvents(answer);
  const end = events.findIndex(({ type }) => type === 'content_block_delta') + 1;
  const begun = events.slice(0, end);
  for (const { type, fields } of begun) sayStreamEvent(claude, { type, ...fields });
  return begun.map(({ fields }) => streamedText(fields)).join('');
}

/** All text of an answer. */
export function textOf({ blocks }: ModelAnswer): string {
  return blocks.map((block) => (block.type === 'text' ? block.pieces.join('') : '')).join('');
}

function wholeBlock(block: AnswerBlock): object {
  return block.type === 'text' ? { type: 'text', text: block.pieces.join('') } : block;
}

function sayWholeBlock(claude: FakeProcess, answer: ModelAnswer, fields: object): void {
  const index = 'index' in fields ? Number(fields.index) : 0;
  const block = answer.blocks[index];
  if (block !== undefined) sayAssistant(claude, answer, wholeBlock(block));
}

function streamedText(fields: object): string {
  const delta = 'delta' in fields ? fields.delta : undefined;
  if (typeof delta !== 'object' || delta === null || !('text' in delta)) return '';
  return String(delta.text);
}

async function pause(delayMs: number | undefined, signal: AbortSignal): Promise<void> {
  if (delayMs !== undefined) await wait(delayMs, undefined, { signal });
}
