import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import type { DrainSummary, Pool, TaskInfo } from '../../src/api.ts';
import { PoolError } from '../../src/errors.ts';
import { createPoolIn } from '../../src/pool.ts';
import { checkInvariants } from '../../src/testing/model/check-invariants.ts';
import { simulatedClock } from '../../src/testing/model/simulated-clock.ts';
import type { Replay } from './replayed.ts';
import { handDriver } from './hand-driver.ts';
import type { HandDriver } from './hand-driver.ts';

/** What is known without the pool: how each task was last seen. */
export interface Known {
  readonly states: Map<string, TaskInfo['state']>;
  /** Tasks of an earlier life may wait in the store alone. */
  isLater: boolean;
}

/** What must hold after every command; a sentence for each thing that does not. */
export type Law = (pool: Pool, known: Known) => readonly string[];

interface Real {
  readonly hand: HandDriver;
  /** Decides in which order answers and commits settle. */
  readonly scheduler: fc.Scheduler;
  readonly stateDir: string;
  readonly pass: (ms: number) => void;
  readonly now: () => number;
  readonly open: (slots: number) => Promise<Pool>;
  /** What callers wait for. */
  readonly calls: Set<Promise<unknown>>;
  pool: Pool;
}

type Move = (real: Real, which: number, known: Known) => unknown;

const ENDS: ReadonlySet<TaskInfo['state']> = new Set(['completed', 'failed', 'cancelled']);

const MOVES: Readonly<Record<string, Move>> = {
  submit: ({ pool }, which, known) => added(known, pool.submit('work', { priority: which % 3 })),
  submitCapped: ({ pool }, which, known) =>
    added(known, pool.submit('work', { maxBudgetUsd: (1 + (which % 5)) / 5 })),
  submitWithReview: ({ pool }, which, known) =>
    added(known, pool.submitWithReview('work', { maxRejections: 1 + (which % 3) })),
  answer: ({ hand }, which) => hand.answer(which),
  crash: ({ hand }, which) => hand.crash(which),
  limit: ({ hand, now }, which) => hand.limit(which, now() + 1_000),
  slow: ({ pass }, which) => pass(10 * 2 ** (which % 16)),
  cancel: ({ pool }, which, known) => {
    const id = pick([...known.states.keys()], which);
    return id === undefined ? undefined : pool.cancel(id);
  },
  approve: ({ pool }, which) => onReview(pool, which, (id) => pool.approveResult(id)),
  reject: ({ pool }, which) => onReview(pool, which, (id) => pool.rejectResult(id, 'Again.')),
  scale: ({ pool }, which) => pool.setTargetSlots(1 + (which % 4)),
  share: ({ pool }, which) => pool.contextSet('branch', String(which)),
  drain: ({ pool }) => pool.drain(),
  stop: ({ pool }) => pool.drain({ pending: 'keep' }),
};

/** Commands in any order on a pool of one to four slots, and what settles in any order: all of it shrinks. */
export function interleavings(replay: Replay | undefined, law: Law = isSound) {
  const moves = Object.entries(MOVES).flatMap(([name, move]) => [
    fc.tuple(fc.nat(99), fc.nat(3)).map(([which, settled]) => command(name, { move, which, settled, law })),
  ]);
  const restart = fc.constant(command('restart', { move: restarted, which: 0, settled: 0, law }));
  return fc.asyncProperty(
    fc.commands([...moves, restart], {
      maxCommands: 40,
      ...(replay?.replayPath !== undefined && { replayPath: replay.replayPath }),
    }),
    fc.integer({ min: 1, max: 4 }),
    fc.scheduler({ act: (settle) => settle().then(() => setImmediate()) }),
    walked,
  );
}

/** The pool's time stands still while the machine is slow. The invariants see what is in memory. */
function isSound(pool: Pool, { isLater }: Known): readonly string[] {
  const broken = checkInvariants(pool, { lateMs: 60_000 });
  return isLater ? broken.filter((line) => !/^(?:3: unknown task|status: shows)/.test(line)) : broken;
}

async function walked(
  commands: Iterable<fc.AsyncCommand<Known, Real>>,
  slots: number,
  scheduler: fc.Scheduler,
): Promise<void> {
  await using folder = await stateFolder();
  const { stateDir } = folder;
  const hand = handDriver((what) => scheduler.schedule(Promise.resolve(), what));
  const clock = simulatedClock();
  const start = Date.now();
  const now = (): number => start + clock.now();
  const nextTurn = () => scheduler.schedule(setImmediate(), 'commit');
  const open = (count: number): Promise<Pool> =>
    scheduler.waitFor(
      createPoolIn(
        { clock, now, nextTurn, chance: () => 0.5 },
        { driver: hand.driver, stateDir, slots: count, maxSlots: 4, budgetUsd: 3, retries: 1 },
      ),
    );
  const pass = (ms: number): void => clock.increment(ms);
  const pool = await open(slots);
  const real: Real = { hand, scheduler, stateDir, pass, now, open, pool, calls: new Set() };
  const known: Known = { states: new Map(), isLater: false };

  await fc.asyncModelRun(() => ({ model: known, real }), commands);
  let end = await closed(real);
  if (end.keptTasks > 0) {
    await reopened(real, known);
    end = await closed(real);
  }
  const { totalSpendUsd: spent } = end;
  failIf(differences(real.pool, known));

  const left = [...known.states].filter(([, state]) => !ENDS.has(state) && state !== 'pendingReview');
  const lost = Math.round(spent * 1e6) === hand.spent() ? [] : [`spent ${hand.spent()}, booked ${spent}`];
  failIf([...left.map(([id, state]) => `${id} was left ${state}`), ...lost]);
}

/** Also cleared where a walk fails. */
async function stateFolder(): Promise<AsyncDisposable & { readonly stateDir: string }> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'pool-test-'));
  return { stateDir, [Symbol.asyncDispose]: () => rm(stateDir, { recursive: true, force: true }) };
}

/** Drains the pool, until nobody waits for anything any more. */
async function closed({ scheduler, pool, pass, calls }: Real): Promise<DrainSummary> {
  const drained = pool.drain({ timeoutMs: 1 });
  pass(1);
  const summary = await scheduler.waitFor(drained);
  await scheduler.waitFor(Promise.all(calls));
  calls.clear();
  return summary;
}

/** The next pool knows all that the last one knew, as it was. What a drain leaves as it is need not be asked for again. */
async function reopened(real: Real, known: Known): Promise<void> {
  real.pool = await real.open(2);
  known.isLater = true;
  failIf(differences(real.pool, known));
  for (const [id, state] of known.states) {
    if (ENDS.has(state) || state === 'pendingReview') known.states.delete(id);
  }
}

async function restarted(real: Real, _which: number, known: Known): Promise<void> {
  await closed(real);
  await reopened(real, known);
}

interface CommandParts {
  readonly move: Move;
  readonly which: number;
  /** How many answers and commits settle after the command at most. */
  readonly settled: number;
  readonly law: Law;
}

function command(name: string, { move, which, settled, law }: CommandParts): fc.AsyncCommand<Known, Real> {
  return {
    check: () => true,
    async run(known, real) {
      const moved = Promise.resolve()
        .then(() => move(real, which, known))
        .catch(rethrowUnlessRefused);
      if (move === restarted) await moved;
      else real.calls.add(moved);
      await setImmediate();
      for (let count = 0; count < settled && real.scheduler.count() > 0; count += 1)
        await real.scheduler.waitOne();
      failIf([...law(real.pool, known), ...differences(real.pool, known)]);
    },
    toString: () => `${name}(${which}, ${settled})`,
  };
}

async function added(known: Known, submitted: Promise<string>): Promise<void> {
  known.states.set(await submitted, 'pending');
}

/** No task is lost, and none that has ended changes. */
function differences(pool: Pool, { states }: Known): readonly string[] {
  return [...states].flatMap(([id, before]) => {
    const { state } = pool.task(id);
    states.set(id, state);
    return ENDS.has(before) && state !== before ? [`${id} was ${before} and is ${state}`] : [];
  });
}

function failIf(broken: readonly string[]): void {
  if (broken.length > 0) throw new Error(broken.join('\n'));
}

function onReview(pool: Pool, which: number, act: (id: string) => unknown): unknown {
  const task = pick(pool.tasks({ state: 'pendingReview' }), which);
  return task === undefined ? undefined : act(task.id);
}

function pick<Item>(items: readonly Item[], which: number): Item | undefined {
  return items[which % Math.max(1, items.length)];
}

/** A spent budget or a lost slot refuses more: that is an answer. */
function rethrowUnlessRefused(error: unknown): void {
  if (!(error instanceof PoolError)) throw error;
}
