import { z } from 'zod';
import { NO_TOKENS } from '../../machines/types.ts';
import type { Timestamp, TokensUsed } from '../../machines/types.ts';
import { lenient } from './lenient.ts';
import { lenientUsage } from './tokens.ts';

/** One line of a transcript, as far as it tells of an attempt. */
export type TranscriptLine =
  { readonly type: 'prompt'; readonly at: Timestamp | undefined; readonly text: string } | TranscriptAnswer;

/** A part of an answer of the model. All parts of one answer have its id and its usage. */
export interface TranscriptAnswer {
  readonly type: 'answer';
  readonly at: Timestamp | undefined;
  readonly id: string;
  readonly model: string;
  readonly tokens: TokensUsed;
  /** Size of this part. */
  readonly characters: number;
  /** Whether `tokens` are those of the whole answer. */
  readonly isEnded: boolean;
}

const timestamp = lenient(
  z
    .string()
    .transform((text) => Date.parse(text))
    .refine(Number.isFinite),
);

const textBlock = z.object({ type: z.literal('text'), text: z.string() }).transform(({ text }) => text);

/** What a tool gives back is the user's message too, but no prompt: it has other blocks. */
const promptText = z.union([z.string(), z.array(textBlock).transform((texts) => texts.join('\n'))]);

const promptSchema = z
  .object({
    type: z.literal('user'),
    timestamp,
    isMeta: z.literal(false).optional(),
    isSidechain: z.literal(false).optional(),
    message: z.object({ content: promptText }),
  })
  .transform((line) => ({ type: 'prompt' as const, at: line.timestamp, text: line.message.content }));

const answerSchema = z
  .object({
    type: z.literal('assistant'),
    timestamp,
    message: z.object({
      id: z.string(),
      model: z.string(),
      usage: lenientUsage,
      stop_reason: lenient(z.string()),
      content: z.unknown(),
    }),
  })
  .transform(({ timestamp: at, message }) => ({
    type: 'answer' as const,
    at,
    id: message.id,
    model: message.model,
    tokens: message.usage ?? NO_TOKENS,
    characters: charactersIn(message.content),
    isEnded: message.stop_reason !== undefined,
  }));

const schema = z.union([promptSchema, answerSchema]);

/** Reads one line. Undefined for all that is neither a prompt nor an answer, also for a line that was torn. */
export function transcriptLine(text: string): TranscriptLine | undefined {
  // Most lines are neither, and some of them are large.
  if (!/"type":"(?:user|assistant)"/.test(text)) return undefined;
  return schema.safeParse(parseJson(text)).data;
}

const blocks = z.array(
  z.object({ text: z.string().catch(''), thinking: z.string().catch(''), input: z.unknown().optional() }),
);

function charactersIn(content: unknown): number {
  const parsed = blocks.safeParse(content);
  if (!parsed.success) return 0;
  return parsed.data.reduce(
    (sum, { text, thinking, input }) =>
      sum + text.length + thinking.length + (input === undefined ? 0 : JSON.stringify(input).length),
    0,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
