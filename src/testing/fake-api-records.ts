import type { ConversationMessage, MessagesBody } from './fake-api-request.ts';

/** What the server remembers of one request. */
export interface RecordedRequest {
  /** Conversation of the CLI, from `x-claude-code-session-id`. */
  readonly sessionId: string | undefined;
  /** Text of the latest user prompt. */
  readonly prompt: string;
  /** Requests of the turn that the model had answered before this one. */
  readonly step: number;
  readonly model: string;
  readonly stream: boolean;
  /** The blocks of the system prompt. */
  readonly system: readonly string[];
  readonly messages: readonly ConversationMessage[];
  /** Names of the tools that the model is offered. */
  readonly tools: readonly string[];
  /** All other fields of the body. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The latest requests, oldest first. */
export interface RequestRecords {
  readonly all: readonly RecordedRequest[];
  add(request: RecordedRequest, bytes: number): void;
}

/** Remembers requests until there are too many of them, or they are too big together. */
export function requestRecords({ maxRequests = 10_000, maxBytes = 128 * 1024 * 1024 } = {}): RequestRecords {
  const all: RecordedRequest[] = [];
  const sizes: number[] = [];
  let total = 0;
  return {
    all,
    add(request, bytes) {
      all.push(request);
      sizes.push(bytes);
      total += bytes;
      while (all.length > maxRequests || (total > maxBytes && all.length > 1)) {
        all.shift();
        total -= sizes.shift() ?? 0;
      }
    },
  };
}

/** What to remember of a request body. */
export function recordedRequest(
  body: MessagesBody,
  { sessionId, prompt, step }: Pick<RecordedRequest, 'sessionId' | 'prompt' | 'step'>,
): RecordedRequest {
  const { model, stream, system, messages, tools, ...fields } = body;
  return {
    sessionId,
    prompt,
    step,
    model,
    stream,
    system: system.flatMap(({ text }) => text ?? []),
    messages,
    tools: tools.map(({ name }) => name),
    fields,
  };
}
