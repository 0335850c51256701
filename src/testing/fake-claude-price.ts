import type { Tokens } from './fake-api-message.ts';
import type { FakeVersion } from './fake-claude-version.ts';

/** Micro-dollars for one token. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheWrite: number;
  readonly cacheRead: number;
}

const prices: Readonly<Record<FakeVersion, Readonly<Record<string, Price>>>> = {
  '2.1.197': {
    'claude-opus-4-8': { input: 5, output: 25, cacheWrite: 6.25, cacheRead: 0.5 },
    'claude-sonnet-5': { input: 3, output: 15, cacheWrite: 3.75, cacheRead: 0.3 },
    'claude-haiku-4-5': { input: 1, output: 5, cacheWrite: 1.25, cacheRead: 0.1 },
  },
  '2.1.330': {
    'claude-opus-5-5': { input: 4, output: 20, cacheWrite: 5, cacheRead: 0.2 },
    'claude-opus-4-8': { input: 5, output: 25, cacheWrite: 6.25, cacheRead: 0.5 },
    'claude-sonnet-5': { input: 2, output: 10, cacheWrite: 2.5, cacheRead: 0.2 },
    'claude-haiku-4-5': { input: 1, output: 5, cacheWrite: 1.25, cacheRead: 0.1 },
  },
};

const unknownModel: Readonly<Record<FakeVersion, Price>> = {
  '2.1.197': { input: 5, output: 25, cacheWrite: 6.25, cacheRead: 0.5 },
  '2.1.330': { input: 4, output: 20, cacheWrite: 5, cacheRead: 0.2 },
};

/** The list price by which a version of the CLI counts. */
export function priceOf(version: FakeVersion, model: string): Price {
  return prices[version][model.replace('[1m]', '')] ?? unknownModel[version];
}

/** What these tokens cost, in micro-dollars. May have a fraction. */
export function costOf(price: Price, tokens: Tokens): number {
  return (
    tokens.inputTokens * price.input +
    tokens.outputTokens * price.output +
    tokens.cacheWriteTokens * price.cacheWrite +
    tokens.cacheReadTokens * price.cacheRead
  );
}
