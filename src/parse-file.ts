import type Yaml from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import { PoolError } from './errors.ts';
import { lazily } from './lazily.ts';
import { problemsIn } from './parse.ts';
import type { Problem } from './parse.ts';

const yaml = lazily((require): typeof Yaml => require('yaml'));

/** What stands in a file, as it was written and as the schema makes it. */
export interface ParsedFile<Output> {
  readonly given: unknown;
  readonly parsed: Output;
}

/** Reads YAML or JSON. Throws `INVALID_OPTIONS` with a line for each fault: its path, line and column, and what is wrong. */
export function parseFile<Output>(
  schema: z.ZodType<Output>,
  text: string,
  { path }: { readonly path: string },
): ParsedFile<Output> {
  const { LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw fault(`${place(broken.pos[0])}: Expected YAML or JSON. ${broken.message}`, broken);
  }
  const given = valueOf(document, path);
  const result = schema.safeParse(given);
  if (result.success) return { given, parsed: result.data };
  const faults = problemsIn(result.error, given)
    .map((problem) => ({ ...problem, offset: offsetOf(document, problem) }))
    .toSorted((one, other) => one.offset - other.offset)
    .map(({ offset, sentence }) => `${place(offset)}: ${sentence}`);
  throw fault(faults.join('\n'), result.error);
}

/** Throws for a document whose aliases would make it grow without bound. */
function valueOf(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw fault(`${path}:1:1: Expected YAML with at most 100 uses of aliases.`, error);
  }
}

function offsetOf(document: Document, { path, isKey }: Problem): number {
  const key = path.at(-1);
  if (!isKey || key === undefined) return nearestOffset(document, path);
  return keyOffset(document, path.slice(0, -1), key);
}

/** Where the value is, or what comes nearest to holding it. */
function nearestOffset(document: Document, path: readonly PropertyKey[]): number {
  const { isNode } = yaml();
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isNode(node) && node.range) return node.range[0];
  return path.length === 0 ? 0 : nearestOffset(document, path.slice(0, -1));
}

function keyOffset(document: Document, path: readonly PropertyKey[], key: PropertyKey): number {
  const { isMap, isScalar } = yaml();
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(node)
    ? node.items.find((item) => isScalar(item.key) && item.key.value === key)
    : undefined;
  return isScalar(pair?.key) && pair.key.range ? pair.key.range[0] : nearestOffset(document, path);
}

function fault(message: string, cause: unknown): PoolError {
  return new PoolError('INVALID_OPTIONS', message, { cause });
}
