import { parseFile } from '../parse-file.ts';
import type { ChainDraft } from './chain-draft.ts';
import { chainFileSchema } from './chain-schema.ts';

/** Reads a chain from YAML or JSON. Throws `INVALID_OPTIONS` with the line and column of each fault. */
export function parseChainFile(text: string, { path }: { readonly path: string }): ChainDraft {
  return parseFile<ChainDraft>(chainFileSchema, text, { path }).parsed;
}
