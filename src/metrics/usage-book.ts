import { NO_TOKENS } from '../../machines/types.ts';
import type { Micros, TokensUsed } from '../../machines/types.ts';
import { usdOf } from '../money.ts';

/** What attempts have used. */
export interface Usage {
  /** Attempts that have ended. */
  readonly attempts: number;
  /** In US dollars. */
  readonly spendUsd: number;
  readonly tokensUsed: TokensUsed;
}

export interface UsageBook {
  readonly addSpend: (spend: Micros) => void;
  readonly addAttempt: (tokensUsed: TokensUsed) => void;
  readonly read: () => Usage;
}

/** Adds up what attempts use. */
export function usageBook(): UsageBook {
  const tokens = { ...NO_TOKENS };
  let attempts = 0;
  let total: Micros = 0;

  return {
    addSpend(spend) {
      total += spend;
    },
    addAttempt({ input, output, cacheRead, cacheWrite }) {
      attempts += 1;
      tokens.input += input;
      tokens.output += output;
      tokens.cacheRead += cacheRead;
      tokens.cacheWrite += cacheWrite;
    },
    read: () => ({ attempts, spendUsd: usdOf(total), tokensUsed: { ...tokens } }),
  };
}
