import { z } from 'zod';
import { lenient } from './lenient.ts';
import { assistantSchema, streamSchema } from './message-line.ts';
import { resultSchema } from './result-line.ts';
import { systemSchema } from './system-line.ts';

const EXCERPT_LENGTH = 200;

const controlResponseSchema = z
  .object({
    response: z.object({
      subtype: z.string(),
      request_id: z.string(),
      response: z.unknown().optional(),
      error: lenient(z.string()),
    }),
  })
  .transform(({ response }) => ({
    type: 'controlResponse' as const,
    requestId: response.request_id,
    answer: response.response,
    refusal: response.subtype === 'error' ? (response.error ?? 'no reason') : undefined,
  }));

const controlRequestSchema = z
  .object({
    request_id: z.string(),
    request: z.object({ subtype: z.string().catch(''), tool_name: lenient(z.string()) }),
  })
  .transform((line) => ({
    type: 'controlRequest' as const,
    requestId: line.request_id,
    subtype: line.request.subtype,
  }));

const rateLimitSchema = z
  .object({ rate_limit_info: z.object({ status: z.string().catch(''), resetsAt: lenient(z.number()) }) })
  .transform(({ rate_limit_info: info }) => ({
    type: 'rateLimit' as const,
    isRejected: info.status === 'rejected',
    // The CLI counts in seconds.
    resetsAt: info.resetsAt === undefined ? undefined : info.resetsAt * 1000,
  }));

const schemas = {
  assistant: assistantSchema,
  control_request: controlRequestSchema,
  control_response: controlResponseSchema,
  rate_limit_event: rateLimitSchema,
  result: resultSchema,
  stream_event: streamSchema,
  system: systemSchema,
} as const;

type Schemas = typeof schemas;

/** One line of the CLI, as far as the driver needs it. */
export type Line =
  | { [Name in keyof Schemas]: z.output<Schemas[Name]> }[keyof Schemas]
  | { readonly type: 'unknown'; readonly name: string }
  | { readonly type: 'malformed'; readonly excerpt: string };

const envelope = z.object({ type: z.string() });

/** Reads one line. Never throws: what is not understood is `unknown`, what is broken is `malformed`. */
export function parseLine(text: string): Line {
  const raw = parseJson(text);
  const parsed = envelope.safeParse(raw);
  if (!parsed.success) return malformed(text);
  const { type } = parsed.data;
  if (!isKnown(type)) return { type: 'unknown', name: type };
  const line = schemas[type].safeParse(raw);
  return line.success ? line.data : malformed(text);
}

/** A line that cannot be read. */
export function malformed(text: string): Line {
  return { type: 'malformed', excerpt: text.slice(0, EXCERPT_LENGTH) };
}

function isKnown(type: string): type is keyof Schemas {
  return Object.hasOwn(schemas, type);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
