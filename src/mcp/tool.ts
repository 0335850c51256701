import type { CallToolResult, Tool as Definition, ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { PoolError } from '../index.ts';
import { errorResult } from './error-result.ts';

/** A request for a tool, as the tool sees it. */
export interface Call {
  /** Aborted when the client takes the request back or leaves. */
  readonly signal: AbortSignal;
  /** By when it is to be answered, on the clock of `performance.now`. */
  readonly endsAt: number;
  /** Tells the client how the work goes; absent when it did not ask to be told. */
  readonly report?: (message: string) => void;
}

/** A tool with its types erased. */
export interface Tool {
  readonly definition: Definition;
  readonly call: (args: unknown, call: Call) => Promise<CallToolResult>;
}

interface ToolForm<Input extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: ToolAnnotations;
  readonly input: Input;
  readonly output: z.ZodObject;
  readonly run: (args: z.output<Input>, call: Call) => Answer | Promise<Answer>;
  /** Whether the answer tells of a failure of the work that was asked for. @default never */
  readonly failsWhen?: (answer: Answer) => boolean;
}

/** How long a call may still wait, in milliseconds. */
export function timeLeft({ endsAt }: Call): number {
  return Math.max(0, Math.round(endsAt - performance.now()));
}

export type Answer = Readonly<Record<string, unknown>>;

/** Reads, changes nothing. */
export const READS: ToolAnnotations = { readOnlyHint: true, openWorldHint: false };
/** Starts work of Claude, which may reach anything that it is allowed to. */
export const WORKS: ToolAnnotations = { readOnlyHint: false, destructiveHint: false, openWorldHint: true };
/** Changes the pool, a second call changes nothing more. */
export const SETS: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
/** Changes the pool, each time again. */
export const ADDS: ToolAnnotations = { readOnlyHint: false, destructiveHint: false, openWorldHint: false };
/** Ends or deletes something. */
export const ENDS: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: false,
};

/** Makes a tool of a form: its arguments are checked, and whatever it throws becomes a tool error. */
export function tool<Input extends z.ZodObject>(form: ToolForm<Input>): Tool {
  const { name, title, description, annotations, input, output, run, failsWhen } = form;
  return {
    definition: {
      name,
      title,
      description,
      annotations: { title, ...annotations },
      inputSchema: objectSchema(input, 'input'),
      outputSchema: objectSchema(output, 'output'),
    },
    async call(args, call) {
      try {
        const answer = await run(parsed(input, args, name), call);
        return { ...toldAsText(answer), ...(failsWhen?.(answer) === true && { isError: true }) };
      } catch (error) {
        return errorResult(call.signal.aborted ? call.signal.reason : error);
      }
    },
  };
}

function toldAsText(answer: Answer): CallToolResult {
  const text = JSON.stringify(answer);
  return { content: [{ type: 'text', text }], structuredContent: { ...answer } };
}

function parsed<Input extends z.ZodObject>(schema: Input, args: unknown, name: string): z.output<Input> {
  const result = schema.safeParse(args ?? {});
  if (result.success) return result.data;
  const faults = z.prettifyError(result.error);
  throw new PoolError('INVALID_OPTIONS', `Expected the arguments of \`${name}\`, got others:\n${faults}`);
}

function objectSchema(schema: z.ZodObject, io: 'input' | 'output'): Definition['inputSchema'] {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, target: 'draft-7' });
  return { ...json, type: 'object' } as Definition['inputSchema'];
}
