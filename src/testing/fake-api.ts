import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { giveAnswer, sendError, sendJson } from './fake-api-answer.ts';
import { errorResponse } from './fake-api-error.ts';
import { scriptPlayer } from './fake-api-play.ts';
import { digestOf, promptReader } from './fake-api-prompt.ts';
import { recordedRequest, requestRecords } from './fake-api-records.ts';
import type { RecordedRequest } from './fake-api-records.ts';
import { parseMessagesBody } from './fake-api-request.ts';
import { serveRoutes } from './fake-api-server.ts';
import type { Route } from './fake-api-server.ts';
import { turnPosition } from './fake-api-turn.ts';
import type { Script } from './script.ts';

/** What a fake Messages API plays, and where. */
export interface FakeApiOptions {
  readonly script: Script;
  /** @default 0, any free port */
  readonly port?: number;
  /** Called with each request for a message, before it is answered. */
  readonly log?: (request: RecordedRequest) => void;
}

/** A Messages API that plays a script. */
export interface FakeApi extends AsyncDisposable {
  /** For `ANTHROPIC_BASE_URL`. */
  readonly url: string;
  /** The latest requests for a message, oldest first. At most 10,000, with at most 128 MB of bodies. */
  readonly requests: readonly RecordedRequest[];
  /** Plays another script from now on, with all its rules fresh. */
  setScript(script: Script): void;
  /** Cuts all connections and ends all delays. */
  stop(): Promise<void>;
}

/**
 * Starts a Messages API on this machine that plays a script, for the real CLI to talk to.
 *
 * @example
 * await using api = await fakeApi({ script: { rules: [{ when: 'sum', answers: [{ text: '42' }] }] } });
 */
export async function fakeApi({ script, port = 0, log }: FakeApiOptions): Promise<FakeApi> {
  const records = requestRecords();
  const readPrompt = promptReader();
  let play = scriptPlayer(script);

  const answerMessages: Route = async (request, response, signal) => {
    const received = await text(request);
    const parsed = parseMessagesBody(received);
    if ('invalid' in parsed) {
      return sendError(response, errorResponse({ status: 400, message: parsed.invalid }));
    }
    const sessionId = header(request, 'x-claude-code-session-id');
    const conversation = digestOf([sessionId, header(request, 'x-claude-code-agent-id')]);
    const position = turnPosition(parsed.body.messages);
    const { step, before } = position;
    const prompt = readPrompt(conversation, position);
    const asked = recordedRequest(parsed.body, { sessionId, prompt, step });
    records.add(asked, received.length);
    log?.(asked);
    const turn = digestOf([conversation, before, position.texts.length, prompt]);
    await giveAnswer(response, { answer: play({ turn, prompt, step }), asked, signal });
  };

  const { url, stop } = await serveRoutes(
    {
      'HEAD /': sayAlive,
      'POST /v1/messages': answerMessages,
      'POST /v1/messages/count_tokens': countTokens,
    },
    { port },
  );
  return {
    url,
    requests: records.all,
    setScript(next) {
      play = scriptPlayer(next);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const sayAlive: Route = (_request, response) => {
  response.end();
};

const countTokens: Route = async (request, response) => {
  const body = await text(request);
  sendJson(response, { input_tokens: Math.ceil(body.length / 4) });
};

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
