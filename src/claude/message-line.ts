import { z } from 'zod';
import { NO_TOKENS } from '../../machines/types.ts';
import { lenient } from './lenient.ts';
import { lenientUsage } from './tokens.ts';

const startSchema = z
  .object({
    type: z.literal('message_start'),
    message: z.object({ id: z.string().catch(''), model: z.string().catch(''), usage: lenientUsage }),
  })
  .transform(({ message }) => ({
    type: 'messageStarted' as const,
    model: message.model,
    tokens: message.usage ?? NO_TOKENS,
  }));

/** Text, thinking, or the input of a tool: all of it is billed, only text is shown. */
const deltaSchema = z
  .object({
    type: z.literal('content_block_delta'),
    delta: z.object({
      type: z.string(),
      text: z.string().optional(),
      thinking: z.string().optional(),
      partial_json: z.string().optional(),
    }),
  })
  .transform(({ delta }) => ({
    type: 'messageGrew' as const,
    text: delta.type === 'text_delta' ? (delta.text ?? '') : '',
    characters: (delta.text ?? delta.thinking ?? delta.partial_json ?? '').length,
  }));

const endSchema = z
  .object({ type: z.literal('message_delta'), usage: lenientUsage })
  .transform(({ usage }) => ({ type: 'messageEnded' as const, tokens: usage ?? NO_TOKENS }));

const otherSchema = z
  .object({ type: z.string() })
  .transform(({ type }) => ({ type: 'unknown' as const, name: `stream_event/${type}` }));

/** One event of an answer as it is streamed. `agent` is the tool use that started the subagent, if it is one's. */
export const streamSchema = z
  .object({
    event: z.union([startSchema, deltaSchema, endSchema, otherSchema]),
    parent_tool_use_id: lenient(z.string()),
  })
  .transform((line) => ({ ...line.event, agent: line.parent_tool_use_id }));

const toolUse = z.object({ type: z.literal('tool_use'), name: z.string() }).transform(({ name }) => name);

export const assistantSchema = z
  .object({
    message: z.object({ content: z.array(z.unknown()).catch([]) }),
    parent_tool_use_id: lenient(z.string()),
  })
  .transform((line) => ({
    type: 'message' as const,
    agent: line.parent_tool_use_id,
    toolNames: line.message.content.flatMap((block) => {
      const parsed = toolUse.safeParse(block);
      return parsed.success ? [parsed.data] : [];
    }),
  }));
