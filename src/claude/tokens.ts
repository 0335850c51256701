import { z } from 'zod';
import type { TokensUsed } from '../../machines/types.ts';
import { lenient } from './lenient.ts';

const count = z.number().nonnegative().catch(0);

/** Token counts as the Messages API writes them. */
const usageSchema = z
  .object({
    input_tokens: count,
    output_tokens: count,
    cache_read_input_tokens: count,
    cache_creation_input_tokens: count,
  })
  .transform((usage): TokensUsed => ({
    input: usage.input_tokens,
    output: usage.output_tokens,
    cacheRead: usage.cache_read_input_tokens,
    cacheWrite: usage.cache_creation_input_tokens,
  }));

/** What one model used and cost. */
export interface ModelSpend {
  readonly tokens: TokensUsed;
  readonly costUsd: number;
}

export type ModelSpends = Readonly<Record<string, ModelSpend>>;

/** What each model used and cost, as the CLI writes it. */
export const modelSpendsSchema = z.record(
  z.string(),
  z
    .object({
      inputTokens: count,
      outputTokens: count,
      cacheReadInputTokens: count,
      cacheCreationInputTokens: count,
      costUSD: count,
    })
    .transform((spend): ModelSpend => ({
      tokens: {
        input: spend.inputTokens,
        output: spend.outputTokens,
        cacheRead: spend.cacheReadInputTokens,
        cacheWrite: spend.cacheCreationInputTokens,
      },
      costUsd: spend.costUSD,
    })),
);

export const lenientUsage = lenient(usageSchema);
export const lenientModelSpends = lenient(modelSpendsSchema);

export function addTokens(left: TokensUsed, right: TokensUsed): TokensUsed {
  return combine(left, right, (a, b) => a + b);
}

export function subtractTokens(left: TokensUsed, right: TokensUsed): TokensUsed {
  return combine(left, right, (a, b) => a - b);
}

/** What a message has used: its last event repeats the counts of the first, or leaves them out. */
export function finalTokens(first: TokensUsed, last: TokensUsed): TokensUsed {
  return combine(first, last, (before, after) => after || before);
}

export function totalTokens({ input, output, cacheRead, cacheWrite }: TokensUsed): number {
  return input + output + cacheRead + cacheWrite;
}

export function isNegative(tokens: TokensUsed): boolean {
  return Object.values(tokens).some((amount: number) => amount < 0);
}

function combine(left: TokensUsed, right: TokensUsed, by: (a: number, b: number) => number): TokensUsed {
  return {
    input: by(left.input, right.input),
    output: by(left.output, right.output),
    cacheRead: by(left.cacheRead, right.cacheRead),
    cacheWrite: by(left.cacheWrite, right.cacheWrite),
  };
}
