import { cut, excerptOf } from './excerpt.ts';
import type { Excerpt } from './excerpt.ts';
import type { StateValue } from './feed-entry.ts';

export function stateOf(snapshot: unknown): { readonly state?: StateValue } {
  const value = isRecord(snapshot) ? snapshot['value'] : undefined;
  return isStateValue(value) ? { state: value } : {};
}

/** How the prompt of a task begins. */
export function promptOf(snapshot: unknown): { readonly prompt?: string } {
  const context = isRecord(snapshot) ? snapshot['context'] : undefined;
  const prompt = isRecord(context) ? context['prompt'] : undefined;
  return typeof prompt === 'string' ? { prompt: cut(prompt) } : {};
}

export function contextOf(snapshot: unknown): Excerpt {
  return isRecord(snapshot) && 'context' in snapshot ? excerptOf(snapshot['context']) : null;
}

function isStateValue(value: unknown): value is StateValue {
  return typeof value === 'string' || isRecord(value);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
