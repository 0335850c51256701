import { randomUUID } from 'node:crypto';
import type { Message, Usage } from './script.ts';

/** What a message costs, in tokens. */
export type Tokens = Readonly<Required<Usage>>;

/** An answer of the model, worked out for one request. */
export interface ModelAnswer {
  readonly id: string;
  readonly model: string;
  readonly blocks: readonly AnswerBlock[];
  readonly stopReason: string;
  readonly tokens: Tokens;
}

/** One content block, and the pieces in which it is streamed. */
export type AnswerBlock =
  | { readonly type: 'text'; readonly pieces: readonly string[] }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object };

/** Works out what the model answers. An answer costs 100 tokens in, and one token out for each word of its text. */
export function modelAnswer(
  message: Message,
  { model, prompt }: { model: string; prompt: string },
): ModelAnswer {
  const pieces = textPieces(message, prompt);
  return {
    id: uniqueId('msg'),
    model,
    blocks: [...textBlocks(pieces), ...toolBlocks(message)],
    stopReason: message.stopReason ?? (message.toolUse === undefined ? 'end_turn' : 'tool_use'),
    tokens: {
      inputTokens: 100,
      outputTokens: Math.max(1, countWords(pieces.join(''))),
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      ...message.usage,
    },
  };
}

/** An id in the API's style. */
export function uniqueId(prefix: string): string {
  return `${prefix}_${randomUUID().replaceAll('-', '')}`;
}

function textPieces({ text, echo }: Message, prompt: string): readonly string[] {
  const pieces = typeof text === 'string' ? [text] : (text ?? []);
  return echo === true ? [...pieces, `echo: ${prompt}`] : pieces;
}

function textBlocks(pieces: readonly string[]): readonly AnswerBlock[] {
  return pieces.length === 0 ? [] : [{ type: 'text', pieces }];
}

function toolBlocks({ toolUse }: Message): readonly AnswerBlock[] {
  return toolUse === undefined ? [] : [{ type: 'tool_use', id: uniqueId('toolu'), ...toolUse }];
}

function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}
