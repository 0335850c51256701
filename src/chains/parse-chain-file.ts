import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { z } from 'zod';
import { PoolError } from '../errors.ts';
import { parse } from '../parse.ts';
import type { ChainDraft } from './chain-draft.ts';
import { chainFileSchema } from './chain-schema.ts';

/** Reads a chain from YAML or JSON. Throws `INVALID_OPTIONS` with the line and column of the first fault. */
export function parseChainFile(text: string, { path }: { readonly path: string }): ChainDraft {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw fault(
      `${path}:${placeOf(broken.pos[0], lines)}`,
      `Expected YAML or JSON. ${broken.message}`,
      broken,
    );
  }
  const value = valueOf(document, path);
  try {
    return parse<ChainDraft>(chainFileSchema, value);
  } catch (error) {
    if (!(error instanceof PoolError)) throw error;
    throw fault(`${path}:${placeOf(offsetOf(document, error.cause), lines)}`, error.message, error);
  }
}

/** Throws for a document whose aliases would make it grow without bound. */
function valueOf(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw fault(`${path}:1:1`, 'Expected YAML with at most 100 uses of aliases.', error);
  }
}

function offsetOf(document: Document, cause: unknown): number {
  if (!(cause instanceof z.ZodError)) return 0;
  const [issue] = cause.issues;
  if (issue === undefined) return 0;
  const key = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  return key === undefined ? nearestOffset(document, issue.path) : keyOffset(document, issue.path, key);
}

/** Where the value is, or what comes nearest to holding it. */
function nearestOffset(document: Document, path: readonly PropertyKey[]): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isNode(node) && node.range) return node.range[0];
  return path.length === 0 ? 0 : nearestOffset(document, path.slice(0, -1));
}

function keyOffset(document: Document, path: readonly PropertyKey[], key: string): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(node)
    ? node.items.find((item) => isScalar(item.key) && item.key.value === key)
    : undefined;
  return isScalar(pair?.key) && pair.key.range ? pair.key.range[0] : nearestOffset(document, path);
}

function placeOf(offset: number, lines: LineCounter): string {
  const { line, col } = lines.linePos(offset);
  return `${line}:${col}`;
}

function fault(place: string, sentence: string, cause: unknown): PoolError {
  return new PoolError('INVALID_OPTIONS', `${place}: ${sentence}`, { cause });
}
