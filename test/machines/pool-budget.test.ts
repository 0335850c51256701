import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Floor } from '../../machines/floor.ts';
import type { Evidence } from '../../machines/types.ts';
import { ANSWERED, CRASHED, OUT_OF_TURNS, RATE_LIMITED } from './attempt.ts';
import { poolStage } from './pool-stage.ts';

const LIMIT = 10_000;

const cap = fc.option(fc.integer({ min: 1, max: LIMIT }), { nil: undefined });
const slot = fc.record({ capMicros: fc.option(fc.integer({ min: 1, max: LIMIT }), { nil: undefined }) });
const evidence = fc.constantFrom<Evidence>(ANSWERED, CRASHED, OUT_OF_TURNS);
const move = fc.oneof(
  fc.record({ type: fc.constant('submit' as const), cap }),
  fc.record({
    type: fc.constant('settle' as const),
    which: fc.nat(),
    share: fc.integer({ min: 0, max: 120 }),
    evidence,
  }),
  fc.record({ type: fc.constant('cancel' as const), which: fc.nat() }),
  fc.record({ type: fc.constant('crash' as const), which: fc.nat() }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 5_000 }) }),
);

test('B9: whatever happens, nothing is granted beyond the budget, all that was spent is booked once, and nothing stays reserved', () => {
  fc.assert(
    fc.property(
      fc.array(slot, { minLength: 1, maxLength: 4 }),
      fc.array(move, { maxLength: 60 }),
      (slots, moves) => {
        const stage = poolStage({ slots: slots.map(specOf), budgetMicros: LIMIT });
        const { actor, clock, floor, running } = stage;
        const ids: string[] = [];
        let before = floor();
        actor.subscribe({
          error: () => undefined,
          next({ context }) {
            checkGrants(before, context.floor);
            before = context.floor;
          },
        });

        for (const next of moves) {
          const busy = running();
          const chosen = 'which' in next ? next.which : 0;
          if (next.type === 'submit') {
            ids.push(`t${ids.length}`);
            stage.submit(ids.at(-1) ?? '', next.cap === undefined ? {} : { capMicros: next.cap });
          }
          const task = busy[chosen % Math.max(1, busy.length)];
          if (next.type === 'settle' && task !== undefined) {
            stage.settle(task, next.evidence, Math.floor((reservedFor(floor(), task) * next.share) / 100));
          }
          if (next.type === 'cancel' && ids.length > 0) stage.cancel(ids[chosen % ids.length] ?? '');
          if (next.type === 'crash') stage.crash(`slot-${chosen % slots.length}`);
          if (next.type === 'wait') clock.increment(next.ms);
        }
        actor.send({ type: 'pool.drain', at: clock.now(), until: clock.now() + 1 });
        clock.increment(100_000);

        const { ledger } = floor();
        expect(actor.getSnapshot().status).toBe('done');
        expect(ledger.reserved).toBe(0);
        expect(ids.reduce((sum, id) => sum + (stage.context(id)?.spend ?? 0), 0)).toBe(ledger.spent);
      },
    ),
    { numRuns: 300 },
  );
});

test('a task for which too little is left waits while other reservations are out, and runs when they free enough', () => {
  const { submit, settle, task, running } = poolStage({ slots: [{}, {}], budgetMicros: 1_000 });
  submit('a', { capMicros: 700 });
  submit('b', { capMicros: 600 });
  const before = [task('a'), task('b')];

  settle('a', undefined, 400);

  expect([before, running()]).toEqual([['running', 'ready'], ['b']]);
});

test('a task that no freed reservation can afford fails as soon as that is certain', () => {
  const { submit, settle, task, context } = poolStage({ slots: [{}, {}, {}], budgetMicros: 1_000 });
  submit('a', { capMicros: 500 });
  submit('b', { capMicros: 400 });
  submit('c', { capMicros: 600 });

  const before = task('c');
  settle('a', undefined, 450);

  expect([before, task('b'), task('c')]).toEqual(['ready', 'running', 'failed']);
  expect(context('c')).toMatchObject({ generation: 0, spend: 0, reason: { code: 'BUDGET_EXCEEDED' } });
});

test('a task whose cap is more than the whole budget fails at once', () => {
  const { submit, task, turns } = poolStage({ budgetMicros: 1_000 });

  submit('a', { capMicros: 1_001 });

  expect([task('a'), turns.length]).toEqual(['failed', 0]);
});

test('a retry reserves what is left of the cap of its task', () => {
  const { submit, settle, floor, clock, turns, context } = poolStage({ budgetMicros: 1_000 });
  submit('a', { capMicros: 400 });
  settle('a', CRASHED, 300);
  const between = floor().ledger;

  clock.increment(60_000);

  expect(between).toMatchObject({ spent: 300, reserved: 0 });
  expect(floor().ledger).toMatchObject({ spent: 300, reserved: 100 });
  expect([turns.map(({ capMicros }) => capMicros), context('a')?.spend]).toEqual([[400, 100], 300]);
});

test.each([
  { name: 'retried', end: CRASHED },
  { name: 'parked', end: RATE_LIMITED },
])('a task that has spent its cap is not $name, and says why', ({ end }) => {
  const { submit, settle, floor, clock, turns, context, task } = poolStage();
  submit('a', { capMicros: 400 });

  settle('a', end, 401);
  clock.increment(1_000_000);

  expect([task('a'), turns.length, floor().ledger.reserved]).toEqual(['failed', 1, 0]);
  expect(context('a')?.reason).toMatchObject({
    code: 'BUDGET_EXCEEDED',
    message: expect.stringContaining("the task's cap of 0.0004 USD"),
  });
});

test('a rejected task works on with what is left of its cap, and fails when nothing is', () => {
  const { submit, settle, reject, turns, context, task } = poolStage();
  submit('a', { capMicros: 400, review: { maxRejections: 9 } });

  settle('a', ANSWERED, 300);
  reject('a', 'Again.');
  settle('a', ANSWERED, 100);
  reject('a', 'And again.');

  expect([turns.map(({ capMicros }) => capMicros), task('a')]).toEqual([[400, 100], 'failed']);
  expect(context('a')).toMatchObject({
    spend: 400,
    feedback: ['Again.', 'And again.'],
    reason: { code: 'BUDGET_EXCEEDED' },
  });
});

test('a retry that the budget cannot afford any more fails with what was spent', () => {
  const { submit, settle, task, clock, context } = poolStage({ budgetMicros: 1_000 });
  submit('a', { capMicros: 900 });
  settle('a', CRASHED, 400);
  submit('b', { capMicros: 200 });
  settle('b', ANSWERED, 200);

  clock.increment(60_000);

  expect(task('a')).toBe('failed');
  expect(context('a')).toMatchObject({ spend: 400, reason: { code: 'BUDGET_EXCEEDED' } });
});

test('a task that is parked or backs off holds no reservation', () => {
  const { submit, settle, floor, task } = poolStage({ slots: [{}, {}], budgetMicros: 1_000 });
  submit('a', { capMicros: 300 });
  submit('b', { capMicros: 300 });

  settle('a', CRASHED, 1);
  settle('b', { interruption: 'rateLimited' }, 2);

  expect([task('a'), task('b')]).toEqual(['backingOff', 'parked']);
  expect(floor().ledger).toMatchObject({ spent: 3, reserved: 0 });
});

test('an exhausted budget fails also those who wait while no slot is free to refuse them', () => {
  const { submit, settle, task } = poolStage({ budgetMicros: 1_000, slots: [{ name: 'ada' }] });
  submit('a');
  submit('b');
  submit('nobody', { slot: { role: 'tester' } });

  settle('a', CRASHED, 1_000);

  expect([task('b'), task('nobody')]).toEqual(['failed', 'failed']);
});

function specOf({ capMicros }: { readonly capMicros: number | undefined }) {
  return capMicros === undefined ? {} : { capMicros };
}

function checkGrants(before: Floor, after: Floor): void {
  const { spent, reserved } = after.ledger;
  expect(reserved).toBe(after.seats.reduce((sum, seat) => sum + seat.reserved, 0));
  const granted = after.seats.filter(({ slotId, taskId }) => {
    const earlier = before.seats.find((seat) => seat.slotId === slotId);
    return taskId !== undefined && taskId !== earlier?.taskId;
  });
  expect(granted.length === 0 ? 0 : spent + reserved).toBeLessThanOrEqual(LIMIT);
  for (const seat of granted) {
    expect(seat.spent + seat.reserved).toBeLessThanOrEqual(seat.capMicros ?? Infinity);
  }
}

function reservedFor({ seats }: Floor, taskId: string): number {
  return seats.find((seat) => seat.taskId === taskId)?.reserved ?? 0;
}
