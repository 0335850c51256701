import { createHash } from 'node:crypto';
import { forgetOldest } from './fake-api-memory.ts';
import type { TurnPosition } from './fake-api-turn.ts';

const rememberedConversations = 10_000;

/** The latest user message of a conversation, as it was seen last. */
interface SeenMessage {
  readonly before: number;
  readonly length: number;
  readonly digest: string;
  /** Where the prompt begins: the blocks in front of it belong to turns that got no answer. */
  readonly start: number;
}

/** Tells the latest prompt of a conversation, its blocks joined by newlines. */
export type PromptReader = (conversation: string, position: TurnPosition) => string;

/**
 * The CLI keeps a prompt whose turn failed, and sends it and the next one as blocks of one message.
 * Only a reader that has seen the failed request can tell them from one prompt of several blocks.
 */
export function promptReader(): PromptReader {
  const seen = new Map<string, SeenMessage>();
  return (conversation, { texts, before }) => {
    const last = seen.get(conversation);
    const start = last === undefined ? 0 : startAfter(last, { texts, before });
    seen.delete(conversation);
    seen.set(conversation, { before, length: texts.length, digest: digestOf(texts), start });
    forgetOldest(seen, rememberedConversations);
    return texts.slice(start).join('\n');
  };
}

function startAfter(last: SeenMessage, { texts, before }: Pick<TurnPosition, 'texts' | 'before'>): number {
  const isContinued = before === last.before && digestOf(texts.slice(0, last.length)) === last.digest;
  if (!isContinued) return 0;
  return texts.length > last.length ? last.length : last.start;
}

/** A short name for a long text. */
export function digestOf(value: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64');
}
