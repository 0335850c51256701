import { parse } from '../parse.ts';
import type { ChainDraft } from './chain-draft.ts';
import type { ChainForm, ChainFormOptions, ChainPartForm, ChainTemplateForm } from './chain-form.ts';
import { chainFileSchema, chainSchema } from './chain-schema.ts';

/** Checks a chain that a program gives; `overrides` win over its own options. Throws `INVALID_OPTIONS`, naming each fault. */
export function parseChain(
  source: readonly ChainPartForm[] | ChainForm | ChainTemplateForm | ChainDraft,
  overrides: ChainFormOptions = {},
): ChainDraft {
  if (isList(source)) return parse<ChainDraft>(chainSchema, { steps: source, options: overrides });
  const schema = 'name' in source ? chainFileSchema : chainSchema;
  return parse<ChainDraft>(schema, { ...source, options: { ...source.options, ...overrides } });
}

function isList(source: unknown): source is readonly unknown[] {
  return Array.isArray(source);
}
