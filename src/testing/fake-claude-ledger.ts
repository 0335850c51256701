import type { Tokens } from './fake-api-message.ts';
import { costOf, priceOf } from './fake-claude-price.ts';
import { addTokens, noTokens } from './fake-claude-tokens.ts';
import type { FakeVersion } from './fake-claude-version.ts';

export type TokensByModel = Readonly<Record<string, Tokens>>;

/** What the CLI itself believes that it has spent. */
export interface Ledger {
  book(model: string, tokens: Tokens): void;
  totalUsd(): number;
  /** In the shape of the CLI's `modelUsage`. */
  modelUsage(): object;
  /** The same, for what was booked since this was last called. */
  takeSinceLastResult(): object;
  tokens(): TokensByModel;
  /** Begins again, from what a stored conversation had spent or from nothing. */
  restart(from?: TokensByModel): void;
}

/** Keeps the totals of a session. */
export function createLedger(version: FakeVersion): Ledger {
  let total: TokensByModel = {};
  let fresh: TokensByModel = {};
  return {
    book(model, tokens) {
      total = booked(total, model, tokens);
      fresh = booked(fresh, model, tokens);
    },
    totalUsd: () =>
      Object.entries(total).reduce((sum, [model, tokens]) => sum + usd(version, model, tokens), 0),
    modelUsage: () => usageByModel(version, total),
    takeSinceLastResult() {
      const taken = usageByModel(version, fresh);
      fresh = {};
      return taken;
    },
    tokens: () => total,
    restart(from = {}) {
      total = from;
      fresh = {};
    },
  };
}

/** What one answer costs, in US dollars. */
export function usd(version: FakeVersion, model: string, tokens: Tokens): number {
  return costOf(priceOf(version, model), tokens) / 1e6;
}

function booked(ledger: TokensByModel, model: string, tokens: Tokens): TokensByModel {
  return { ...ledger, [model]: addTokens(ledger[model] ?? noTokens, tokens) };
}

function usageByModel(version: FakeVersion, ledger: TokensByModel): object {
  return Object.fromEntries(
    Object.entries(ledger).map(([model, tokens]) => [model, modelEntry(version, model, tokens)]),
  );
}

function modelEntry(version: FakeVersion, model: string, tokens: Tokens): object {
  const shared = {
    inputTokens: tokens.inputTokens,
    outputTokens: tokens.outputTokens,
    cacheReadInputTokens: tokens.cacheReadTokens,
    cacheCreationInputTokens: tokens.cacheWriteTokens,
    webSearchRequests: 0,
    costUSD: usd(version, model, tokens),
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
  };
  if (version === '2.1.197') return shared;
  return {
    ...shared,
    thinkingTokens: 0,
    cacheCreationEphemeral5mInputTokens: tokens.cacheWriteTokens,
    cacheCreationEphemeral1hInputTokens: 0,
    canonicalModel: model,
    provider: 'firstParty',
    costBasis: 'list',
  };
}
