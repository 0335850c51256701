import { costOf, priceOf } from './fake-claude-price.ts';
import type { Usage } from './script.ts';
import { testedModel } from './test-driver-session.ts';
import type { DriverSubject } from './test-driver-subject.ts';

/** What an answer of these tests uses, where its spend matters. All its prices are whole micro-dollars. */
export const usage = { inputTokens: 1000, outputTokens: 50, cacheReadTokens: 300, cacheWriteTokens: 200 };

/** What one answer costs, in micro-dollars. */
export function answerCost({ version }: DriverSubject, used: Usage = usage, model = testedModel): number {
  return costOf(priceOf(version, model), { ...noUsage, ...used });
}

const noUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
