import { MICROS_PER_USD, NO_TOKENS } from '../../machines/types.ts';
import type { Micros, TokensUsed } from '../../machines/types.ts';
import type { ResultLine } from './result-line.ts';
import { addTokens, isNegative, subtractTokens } from './tokens.ts';
import type { ModelSpends } from './tokens.ts';

const REMEMBERED_RESULTS = 64;

/** What one process has spent. Every figure of the CLI is booked in it exactly once. */
export interface SpendMeter {
  /** The CLI's own totals at the last result. They restart with `/clear` in some versions and run on in others. */
  readonly totalUsd: number;
  readonly models: ModelSpends;
  /** All that was booked, unrounded. */
  readonly bookedUsd: number;
  readonly settledMicros: Micros;
  readonly tokens: TokensUsed;
  readonly isEstimated: boolean;
  readonly results: readonly string[];
}

export interface Settlement {
  readonly spend: Micros;
  readonly spendEstimated: boolean;
  readonly tokensUsed: TokensUsed;
}

/** The CLI's totals at one moment. */
export interface Totals {
  readonly totalUsd: number;
  readonly models: ModelSpends;
}

/** A meter that counts what comes after these totals. */
export function openMeter({ totalUsd, models }: Totals = { totalUsd: 0, models: {} }): SpendMeter {
  return {
    totalUsd,
    models,
    bookedUsd: 0,
    settledMicros: 0,
    tokens: NO_TOKENS,
    isEstimated: false,
    results: [],
  };
}

/** Books what the result adds. A result that was booked before adds nothing. */
export function bookResult(meter: SpendMeter, result: ResultLine): SpendMeter {
  if (result.id !== undefined && meter.results.includes(result.id)) return meter;
  return {
    ...meter,
    totalUsd: result.totalUsd ?? meter.totalUsd,
    models: result.models ?? meter.models,
    bookedUsd: meter.bookedUsd + addedUsd(meter, result),
    tokens: addTokens(meter.tokens, addedTokens(meter, result)),
    results:
      result.id === undefined ? meter.results : [...meter.results, result.id].slice(-REMEMBERED_RESULTS),
  };
}

/** Books what no result will tell. */
export function bookEstimate(meter: SpendMeter, usd: number, tokens: TokensUsed): SpendMeter {
  return {
    ...meter,
    bookedUsd: meter.bookedUsd + usd,
    tokens: addTokens(meter.tokens, tokens),
    isEstimated: true,
  };
}

/** What is not settled yet, when the CLI's running total is `totalUsd`. */
export function unsettledMicros(meter: SpendMeter, totalUsd: number = meter.totalUsd): Micros {
  return Math.round((meter.bookedUsd + runningUsd(meter, totalUsd)) * MICROS_PER_USD) - meter.settledMicros;
}

/** What the CLI's running total says beyond what was booked. */
export function runningUsd(meter: SpendMeter, totalUsd: number): number {
  return growth(meter.totalUsd, totalUsd);
}

/** What was booked since the last settlement. The remainder of the rounding is carried on, so that the sum is exact. */
export function settle(meter: SpendMeter): { readonly meter: SpendMeter; readonly settlement: Settlement } {
  const spend = unsettledMicros(meter);
  return {
    settlement: { spend, spendEstimated: meter.isEstimated, tokensUsed: meter.tokens },
    meter: { ...meter, settledMicros: meter.settledMicros + spend, tokens: NO_TOKENS, isEstimated: false },
  };
}

function addedUsd(
  meter: SpendMeter,
  { modelsSinceLastResult, totalUsd = meter.totalUsd }: ResultLine,
): number {
  if (modelsSinceLastResult === undefined) return growth(meter.totalUsd, totalUsd);
  return Object.values(modelsSinceLastResult).reduce((sum, { costUsd }) => sum + costUsd, 0);
}

function addedTokens(meter: SpendMeter, { modelsSinceLastResult, models, usage }: ResultLine): TokensUsed {
  if (modelsSinceLastResult !== undefined) return tokensOf(modelsSinceLastResult);
  if (models === undefined) return usage ?? NO_TOKENS;
  const grown = subtractTokens(tokensOf(models), tokensOf(meter.models));
  return isNegative(grown) ? tokensOf(models) : grown;
}

/** A total that shrank has started again from nothing. */
function growth(before: number, after: number): number {
  return after < before ? after : after - before;
}

function tokensOf(models: ModelSpends): TokensUsed {
  return Object.values(models).reduce((sum, { tokens }) => addTokens(sum, tokens), NO_TOKENS);
}
