import type { TokensUsed } from '../../machines/types.ts';
import type { ModelSpends } from './tokens.ts';

/** Dollars for a million input tokens, where the CLI has not shown yet what it asks. */
const LIST_PRICES: readonly (readonly [family: RegExp, usdPerMillion: number])[] = [
  [/fable/, 10],
  [/sonnet/, 3],
  [/haiku/, 1],
];
const PRICE_OF_OTHERS = 5;

/** What tokens of a model cost, by the prices that the CLI's own bills imply. */
export function estimateUsd(tokens: TokensUsed, model: string, bills: ModelSpends): number {
  return weightOf(tokens) * (impliedPrice(model, bills) ?? listPrice(model) / 1_000_000);
}

function impliedPrice(model: string, bills: ModelSpends): number | undefined {
  const bill = Object.entries(bills).find(([name]) => baseName(name) === baseName(model))?.[1];
  if (bill === undefined || bill.costUsd === 0 || weightOf(bill.tokens) === 0) return undefined;
  return bill.costUsd / weightOf(bill.tokens);
}

function listPrice(model: string): number {
  return LIST_PRICES.find(([family]) => family.test(model))?.[1] ?? PRICE_OF_OTHERS;
}

/** All models price output, cache writes and cache reads in about these proportions to input. */
function weightOf({ input, output, cacheRead, cacheWrite }: TokensUsed): number {
  return input + 5 * output + 1.25 * cacheWrite + 0.1 * cacheRead;
}

function baseName(model: string): string {
  return model.replace(/\[.*\]$/, '');
}
