import { z } from 'zod';
import type { SlotIdentity } from '../../machines/types.ts';
import { parse } from '../parse.ts';
import { definedOnly } from './defined-only.ts';
import { identity, patience, text } from './fields.ts';

/** A slot's new name, role or description. */
export function parseIdentity(value: SlotIdentity): SlotIdentity {
  return definedOnly(parse(identity, value));
}

export function parseCount(option: string, value: number): number {
  return parse(z.strictObject({ [option]: z.int().positive() }), { [option]: value })[option] ?? 0;
}

export function parseText(option: string, value: string): string {
  parse(z.strictObject({ [option]: text }), { [option]: value });
  return value;
}

/** How long somebody waits. */
export function parseTimeout(timeoutMs: number | undefined): number | undefined {
  return parse(z.strictObject({ timeoutMs: patience.optional() }), { timeoutMs }).timeoutMs;
}

/** Refuses what cannot be taken apart as options; none are fine. */
export function assertOptions(options: unknown): void {
  parse(z.looseObject({ options: z.looseObject({}).optional() }), { options });
}

export function parseListener<Listener>(listener: Listener): Listener {
  parse(z.strictObject({ listener: z.function() }), { listener });
  return listener;
}

/** Prompts, or requests with a prompt; what is in them is read one by one. */
export function parseRequests<Request>(requests: readonly Request[]): readonly Request[] {
  const request = z.union([z.string(), z.looseObject({})]);
  parse(z.strictObject({ requests: z.array(request) }), { requests });
  return requests;
}
