import { parse } from '../parse.ts';
import type { ChainDraft } from './chain-draft.ts';
import type { ChainForm } from './chain-form.ts';
import { chainSchema } from './chain-schema.ts';

/** Checks a chain that a program gives. Throws `INVALID_OPTIONS`, naming each fault. */
export function parseChain(form: ChainForm): ChainDraft {
  return parse<ChainDraft>(chainSchema, form);
}
