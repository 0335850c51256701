import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Pool, TaskInfo } from '../../src/api.ts';
import { PoolError } from '../../src/errors.ts';
import { createPool } from '../../src/pool.ts';
import { checkInvariants } from '../../src/testing/model/check-invariants.ts';
import { handDriver } from './hand-driver.ts';
import type { HandDriver } from './hand-driver.ts';

/** What is known without the pool: how each task was last seen. */
interface Known {
  readonly states: Map<string, TaskInfo['state']>;
}

interface Real {
  readonly hand: HandDriver;
  readonly stateDir: string;
  pool: Pool;
}

type Move = (real: Real, which: number, known: Known) => unknown;

const ENDS: ReadonlySet<TaskInfo['state']> = new Set(['completed', 'failed', 'cancelled']);

const MOVES: Readonly<Record<string, Move>> = {
  submit: async ({ pool }, which, known) => {
    known.states.set(await pool.submit('work', { priority: which % 3 }), 'pending');
  },
  submitCapped: async ({ pool }, which, known) => {
    known.states.set(await pool.submit('work', { maxBudgetUsd: (1 + (which % 5)) / 5 }), 'pending');
  },
  submitWithReview: async ({ pool }, which, known) => {
    known.states.set(await pool.submitWithReview('work', { maxRejections: 1 + (which % 3) }), 'pending');
  },
  answer: ({ hand }, which) => hand.answer(which),
  crash: ({ hand }, which) => hand.crash(which),
  limit: ({ hand }, which) => hand.limit(which),
  cancel: async ({ pool }, which, known) => {
    const id = pick([...known.states.keys()], which);
    if (id !== undefined) await pool.cancel(id);
  },
  approve: ({ pool }, which) => onReview(pool, which, (id) => pool.approveResult(id)),
  reject: ({ pool }, which) => onReview(pool, which, (id) => pool.rejectResult(id, 'Again.')),
  scale: ({ pool }, which) => pool.setTargetSlots(1 + (which % 4)),
  share: ({ pool }, which) => pool.contextSet('branch', String(which)),
  restart: async (real, _, known) => {
    await real.pool.drain({ timeoutMs: 0 });
    compare(real.pool, known);
    forgetEnded(known);
    real.pool = await open(real);
  },
};

const moves = Object.entries(MOVES).map(([name, move]) =>
  fc.nat(99).map((which) => command(name, move, which)),
);

test('whatever is done to a pool in whatever order, its invariants hold and no end is taken back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.commands(moves, { maxCommands: 40 }),
      fc.integer({ min: 1, max: 4 }),
      async (commands, slots) => {
        const stateDir = await mkdtemp(path.join(tmpdir(), 'pool-test-'));
        const hand = handDriver();
        const real: Real = { hand, stateDir, pool: await open({ hand, stateDir }, slots) };
        const known: Known = { states: new Map() };

        await fc.asyncModelRun(() => ({ model: known, real }), commands);
        await real.pool.drain({ timeoutMs: 0 });

        compare(real.pool, known);
        const left = [...known.states.values()].filter(
          (state) => !ENDS.has(state) && state !== 'pendingReview',
        );
        expect(left).toEqual([]);
        await rm(stateDir, { recursive: true, force: true });
      },
    ),
    { numRuns: 30, interruptAfterTimeLimit: 15_000 },
  );
});

function open({ hand, stateDir }: Pick<Real, 'hand' | 'stateDir'>, slots = 2): Promise<Pool> {
  return createPool({ driver: hand.driver, stateDir, slots, maxSlots: 4, budgetUsd: 3, retries: 1 });
}

function command(name: string, move: Move, which: number): fc.AsyncCommand<Known, Real> {
  return {
    check: () => true,
    async run(known, real) {
      await Promise.resolve(move(real, which, known)).catch(rethrowUnlessRefused);
      await setImmediate();
      expect(checkInvariants(real.pool)).toEqual([]);
      compare(real.pool, known);
    },
    toString: () => `${name}(${which})`,
  };
}

/** No task is lost, and none that has ended changes. */
function compare(pool: Pool, { states }: Known): void {
  const before = [...states].filter(([, state]) => ENDS.has(state));
  for (const id of states.keys()) states.set(id, pool.task(id).state);
  expect(before.map(([id]) => [id, states.get(id)])).toEqual(before);
}

/** A pool that is opened again knows what its predecessor had left to do. */
function forgetEnded({ states }: Known): void {
  for (const [id, state] of states) if (ENDS.has(state)) states.delete(id);
}

async function onReview(pool: Pool, which: number, act: (id: string) => unknown): Promise<void> {
  const task = pick(pool.tasks({ state: 'pendingReview' }), which);
  if (task !== undefined) await act(task.id);
}

function pick<Item>(items: readonly Item[], which: number): Item | undefined {
  return items[which % Math.max(1, items.length)];
}

/** A spent budget or a lost slot refuses more: that is an answer. */
function rethrowUnlessRefused(error: unknown): void {
  if (!(error instanceof PoolError)) throw error;
}
