import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isExhausted, openLedger, quote, remaining, reserve, settle } from '../../machines/budget.ts';
import type { Ledger } from '../../machines/budget.ts';

const amount = fc.integer({ min: 0, max: 2_000_000 });
const step = fc.oneof(
  fc.record({
    type: fc.constant('ask' as const),
    cap: fc.option(amount, { nil: undefined }),
    reservation: fc.option(amount, { nil: undefined }),
    most: fc.option(amount, { nil: Infinity }),
  }),
  fc.record({
    type: fc.constant('settle' as const),
    which: fc.nat(),
    share: fc.integer({ min: 0, max: 100 }),
  }),
);

test('spent and reserved never pass the limit while no attempt spends more than was reserved for it', () => {
  fc.assert(
    fc.property(amount, fc.array(step, { maxLength: 80 }), (limit, steps) => {
      let ledger = openLedger(limit);
      const open: number[] = [];

      for (const next of steps) {
        if (next.type === 'ask') {
          const { cap, reservation, most } = next;
          const offer = quote(ledger, { cap, reservation, most, slots: 2 });
          if (offer.type !== 'granted') continue;
          ledger = reserve(ledger, offer.amount);
          open.push(offer.amount);
        } else {
          const [reserved] = open.splice(next.which % Math.max(1, open.length), 1);
          if (reserved === undefined) continue;
          const spend = Math.floor((reserved * next.share) / 100);
          ledger = settle(ledger, { reserved, spend, isEstimate: false });
        }

        expect(ledger.spent + ledger.reserved).toBeLessThanOrEqual(limit);
        expect(ledger.reserved).toBe(open.reduce((sum, held) => sum + held, 0));
      }
    }),
  );
});

test('a cap is granted whole or not at all', () => {
  fc.assert(
    fc.property(fc.record({ limit: amount, spent: amount, reserved: amount }), amount, (books, cap) => {
      const ledger = ledgerOf(books);

      const offer = quote(ledger, { cap, slots: 2 });

      expect(offer.type === 'granted').toBe(remaining(ledger) >= cap);
      expect(offer).toEqual(
        offer.type === 'granted' ? { type: 'granted', amount: cap } : { type: offer.type },
      );
    }),
  );
});

test('an attempt of which nothing is known reserves an equal share of the budget for each slot', () => {
  expect(quote(openLedger(1_000), { slots: 4 })).toEqual({ type: 'granted', amount: 250 });
});

test('an attempt without a cap reserves at least twice what the attempts so far have cost on average', () => {
  const ledger = ledgerOf({ limit: 1_000, spent: 600, settled: 4 });

  expect(quote(ledger, { slots: 4 })).toEqual({ type: 'granted', amount: 300 });
});

test('an attempt without a cap takes what is left when nothing else is out', () => {
  expect(quote(ledgerOf({ limit: 1_000, spent: 990, settled: 1 }), { slots: 2 })).toEqual({
    type: 'granted',
    amount: 10,
  });
});

test('an attempt waits while reservations are out that may free enough', () => {
  const ledger = ledgerOf({ limit: 1_000, spent: 100, reserved: 800, settled: 1 });

  expect(quote(ledger, { cap: 500, slots: 2 })).toEqual({ type: 'wait' });
  expect(quote(ledger, { slots: 2 })).toEqual({ type: 'wait' });
});

test('a cap that no reservation could free enough for is refused while they are out', () => {
  const ledger = ledgerOf({ limit: 1_000, spent: 100, reserved: 800 });

  expect([900, 901].map((cap) => quote(ledger, { cap, slots: 2 }).type)).toEqual(['wait', 'exceeded']);
});

test('an attempt without a cap reserves what the pool is told to, or what is left of it', () => {
  const offers = [0, 700, 900].map((spent) =>
    quote(ledgerOf({ limit: 1_000, spent, settled: 1 }), { reservation: 300, slots: 4 }),
  );

  expect(offers).toEqual([
    { type: 'granted', amount: 300 },
    { type: 'granted', amount: 300 },
    { type: 'granted', amount: 100 },
  ]);
});

test('an attempt without a cap reserves no more than its slot may spend', () => {
  const ledger = ledgerOf({ limit: 1_000, spent: 600, settled: 4 });

  expect([
    quote(ledger, { most: 50, slots: 1 }),
    quote(ledger, { reservation: 300, most: 50, slots: 1 }),
    quote(openLedger(undefined), { most: 50, slots: 1 }),
  ]).toEqual([
    { type: 'granted', amount: 50 },
    { type: 'granted', amount: 50 },
    { type: 'granted', amount: 50 },
  ]);
});

test('without any limit an attempt reserves twice the mean, which holds it to nothing', () => {
  expect(quote(ledgerOf({ spent: 600, settled: 4 }), { slots: 2 })).toEqual({ type: 'granted', amount: 300 });
  expect(quote(openLedger(undefined), { slots: 2 })).toEqual({ type: 'granted', amount: 1 });
});

test('a cap that can never be granted is refused', () => {
  expect(quote(ledgerOf({ limit: 1_000, spent: 900 }), { cap: 500, slots: 2 })).toEqual({ type: 'exceeded' });
  expect(quote(ledgerOf({ limit: 1_000, spent: 1_000 }), { slots: 2 })).toEqual({ type: 'exceeded' });
});

test('a ledger without a limit grants every cap', () => {
  expect(quote(ledgerOf({ spent: 1e12, reserved: 1e12 }), { cap: 1e12, slots: 2 })).toEqual({
    type: 'granted',
    amount: 1e12,
  });
});

test('settling books what was spent and frees the rest', () => {
  const ledger = reserve(openLedger(1_000), 400);

  const settled = settle(ledger, { reserved: 400, spend: 150, isEstimate: true });

  expect(settled).toEqual({ limit: 1_000, spent: 150, reserved: 0, settled: 1, estimated: 150 });
});

test('a budget is exhausted when nothing is left and nothing can come back', () => {
  expect(isExhausted(ledgerOf({ limit: 10, spent: 10 }))).toBe(true);
  expect(isExhausted(ledgerOf({ limit: 10, spent: 12 }))).toBe(true);
  expect(isExhausted(ledgerOf({ limit: 10, spent: 6, reserved: 4 }))).toBe(false);
  expect(isExhausted(ledgerOf({ spent: 1e12 }))).toBe(false);
});

function ledgerOf(change: Partial<Ledger>): Ledger {
  return { ...openLedger(undefined), ...change };
}
