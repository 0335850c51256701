import { z } from 'zod';

const block = z.looseObject({ type: z.string(), text: z.string().optional() });
const content = z.union([z.string().transform((text) => [{ type: 'text', text }]), z.array(block)]);

const bodySchema = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content })),
  system: content.default([]),
  tools: z.array(z.looseObject({ name: z.string().default('') })).default([]),
  stream: z.boolean().default(false),
});

/** One content block of a message. Fields beside these are kept as they came. */
export type ContentBlock = z.output<typeof block>;

/** One message of a conversation, its content always as blocks. */
export interface ConversationMessage {
  readonly role: string;
  readonly content: readonly ContentBlock[];
}

/** The body of a request to the Messages API. Fields beside these are kept as they came. */
export type MessagesBody = z.output<typeof bodySchema>;

/** A readable body, or what is wrong with it. */
export type ParsedBody = { readonly body: MessagesBody } | { readonly invalid: string };

/** Reads a request body, or says what is wrong with it. */
export function parseMessagesBody(text: string): ParsedBody {
  const json = parseJson(text);
  if (json === undefined) return { invalid: 'The request body is not valid JSON' };
  const parsed = bodySchema.safeParse(json);
  return parsed.success ? { body: parsed.data } : { invalid: z.prettifyError(parsed.error) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
