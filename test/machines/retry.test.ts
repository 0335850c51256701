import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, canRetry } from '../../machines/retry.ts';
import type { VerdictName } from '../../machines/verdict-types.ts';
import { VERDICTS } from '../../machines/verdict.ts';

const policy = { retries: 2, backoffBaseMs: 1_000, backoffMaxMs: 60_000 };

test('an attempt that may help is allowed until the retries are spent', () => {
  const allowed = [1, 2, 3, 4].map((attempts) => canRetry({ verdict: verdict('crashed'), attempts, policy }));

  expect(allowed).toEqual([true, true, false, false]);
});

test('an attempt that would only repeat its failure is not allowed', () => {
  expect(canRetry({ verdict: verdict('maxTurns'), attempts: 1, policy })).toBe(false);
});

test('an attempt that does not count is allowed without end', () => {
  expect(canRetry({ verdict: verdict('rateLimited'), attempts: 1_000, policy })).toBe(true);
});

test('backoff doubles with each attempt up to its maximum', () => {
  const delays = [0, 1, 2, 3, 7, 50].map((attempts) => backoffMs(policy, { attempts, chance: 0 }));

  expect(delays).toEqual([500, 500, 1_000, 2_000, 30_000, 30_000]);
});

test('half of a backoff is fixed and half is random', () => {
  fc.assert(
    fc.property(
      fc.nat(100),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempts, chance) => {
        const least = backoffMs(policy, { attempts, chance: 0 });
        const delay = backoffMs(policy, { attempts, chance });

        expect(delay).toBeGreaterThanOrEqual(least);
        expect(delay).toBeLessThanOrEqual(2 * least);
      },
    ),
  );
});

function verdict(name: VerdictName) {
  return { name, ...VERDICTS[name], reason: '' };
}
