import { z } from 'zod';
import { parse } from '../parse.ts';
import { configSchema } from './config-schema.ts';
import { merged } from './merged.ts';
import { splitNames } from './split-names.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Variable {
  readonly path: readonly string[];
  readonly schema: z.ZodType;
}

/** What `CLAUDE_POOL_*` sets. A variable that is empty sets nothing. Throws `INVALID_OPTIONS` for a wrong value. */
export function environmentConfig(environment: Environment): Readonly<Record<string, unknown>> {
  const values = [...variables()].flatMap(([name, { path, schema }]) => {
    const text = environment[name] ?? '';
    return text === '' ? [] : [nested(path, valueOf(text, name, schema))];
  });
  return values.reduce(merged, {});
}

/** The variables by their names: that of `mcp.maxWaitMs` is `CLAUDE_POOL_MCP_MAX_WAIT_MS`. */
export function variables(): ReadonlyMap<string, Variable> {
  const { $schema: _, ...shape } = configSchema.shape;
  return new Map(leavesOf(z.strictObject(shape), []).map((leaf) => [nameOf(leaf.path), leaf]));
}

function leavesOf(schema: z.ZodType, path: readonly string[]): readonly Variable[] {
  const inner = unwrapped(schema);
  if (!(inner instanceof z.ZodObject)) return [{ path, schema }];
  return Object.entries(inner.shape).flatMap(([key, field]) => leavesOf(field as z.ZodType, [...path, key]));
}

function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return unwrapped(schema.unwrap() as z.ZodType);
  }
  return schema;
}

function nameOf(path: readonly string[]): string {
  const words = path.map((key) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`));
  return ['CLAUDE_POOL', ...words].join('_').toUpperCase();
}

/** JSON where that fits, else the text itself, else its words where a list is wanted. */
function valueOf(text: string, name: string, schema: z.ZodType): unknown {
  const readings = [json(text), text, splitNames(text)];
  const fitting = readings.find((reading) => schema.safeParse(reading).success);
  if (fitting === undefined) parse(z.strictObject({ [name]: schema }), { [name]: json(text) });
  return fitting;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function nested(path: readonly string[], value: unknown): Readonly<Record<string, unknown>> {
  const [first = '', ...rest] = path;
  return { [first]: rest.length === 0 ? value : nested(rest, value) };
}
