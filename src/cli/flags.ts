import { InvalidArgumentError } from 'commander';
import { splitNames } from '../config/split-names.ts';
import { LONGEST_TIMER_MS } from '../world.ts';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `90`, `90s`, `1.5m` or `1h` in milliseconds. A bare number is seconds. */
export function duration(text: string): number {
  const [, amount = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const milliseconds = Math.round(Number(amount) * (UNITS_MS[unit] ?? 0));
  if (milliseconds > 0 && milliseconds <= LONGEST_TIMER_MS) return milliseconds;
  throw new InvalidArgumentError('Expected a time above 0, such as 90, 90s, 5m or 1h (at most 24 days).');
}

export function dollars(text: string): number {
  const amount = Number(text);
  if (/^\d*\.?\d+$/.test(text) && amount > 0) return amount;
  throw new InvalidArgumentError('Expected an amount above 0 in US dollars, such as 0.50.');
}

export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number, 0 or more.');
}

export function positiveNumber(text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('Expected a whole number above 0.');
}

export function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError('Expected a port, from 0 (any that is free) to 65535.');
}

/** Names of a flag that may be repeated. */
export function toolList(text: string, previous?: unknown): readonly string[] {
  return [...(Array.isArray(previous) ? previous : []), ...splitNames(text)];
}
