import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { errorResponse, finalErrorResponse } from './fake-api-error.ts';
import type { ErrorResponse } from './fake-api-error.ts';
import { modelAnswer, uniqueId } from './fake-api-message.ts';
import { eventText, streamEvents, wholeMessage } from './fake-api-stream.ts';
import type { Answer, Message } from './script.ts';

const fakeClaudeFaults = ['crash', 'hang', 'grandchild', 'malformedLine', 'hugeLineBytes', 'result'];

/** The request that is answered. */
export interface Asked {
  readonly model: string;
  readonly prompt: string;
  readonly stream: boolean;
}

/** Gives one answer of a script. The signal ends all waiting. */
export async function giveAnswer(
  response: ServerResponse,
  { answer, asked, signal }: { answer: Answer; asked: Asked; signal: AbortSignal },
): Promise<void> {
  if ('silence' in answer) return;
  if ('status' in answer) return sendError(response, errorResponse(answer));
  if ('drop' in answer) return answer.drop === 'before' ? drop(response) : dropMidStream(response, asked);
  if (!isMessage(answer)) return sendError(response, forFakeClaudeOnly(answer));
  await pause(answer.delayMs, signal);
  if (asked.stream) return sendStream(response, { answer, asked, signal });
  sendJson(response, wholeMessage(modelAnswer(answer, asked)));
}

/** Sends an error in the API's format. */
export function sendError(response: ServerResponse, { status, headers, body }: ErrorResponse): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Sends a whole answer. */
export function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, successHeaders('application/json')).end(JSON.stringify(body));
}

async function sendStream(
  response: ServerResponse,
  { answer, asked, signal }: { answer: Message; asked: Asked; signal: AbortSignal },
): Promise<void> {
  response.writeHead(200, successHeaders('text/event-stream'));
  for (const event of streamEvents(modelAnswer(answer, asked))) {
    if (event.afterPause === true) await pause(answer.pieceDelayMs, signal);
    response.write(eventText(event));
  }
  response.end();
}

function dropMidStream(response: ServerResponse, asked: Asked): void {
  const events = streamEvents(modelAnswer({ text: ['A part ', 'of the answer'] }, asked));
  const half = events.slice(0, events.findIndex(({ type }) => type === 'content_block_delta') + 1);
  response.writeHead(200, successHeaders(asked.stream ? 'text/event-stream' : 'application/json'));
  response.write(asked.stream ? half.map(eventText).join('') : '{"type":', () => drop(response));
}

function isMessage(answer: Answer): answer is Message {
  return !fakeClaudeFaults.some((fault) => fault in answer);
}

function forFakeClaudeOnly(answer: Answer): ErrorResponse {
  const message = `The script asks for \`${JSON.stringify(answer)}\`, which only the fake Claude can play.`;
  return finalErrorResponse({ status: 500, message });
}

async function pause(delayMs: number | undefined, signal: AbortSignal): Promise<void> {
  if (delayMs !== undefined) await wait(delayMs, undefined, { signal });
}

function drop(response: ServerResponse): void {
  response.destroy();
}

function successHeaders(type: string): Readonly<Record<string, string>> {
  return { 'content-type': type, 'request-id': uniqueId('req') };
}
