/**
 * A pool of 64 slots, each a real process of the fake Claude, under random work, faults, kills, cancels, reviews,
 * scaling and settings. After every event the invariants of the pool are checked; at the end nothing may be left.
 * The chances of moves and faults come from the seed; their timing is that of the machine. Needs `--expose-gc`. Linux.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setInterval as ticks, setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { createPool } from 'claude-pool';
import type { Pool, PoolOptions } from 'claude-pool';
import { fakeClaude } from 'claude-pool/testing';
import { watchInvariants } from '../../src/testing/model/watch-invariants.ts';
import type { InvariantWatch } from '../../src/testing/model/watch-invariants.ts';
import { holdings, leftovers } from './leftovers.ts';
import { openCalls } from './open-calls.ts';
import { move, play, SLOT_BOUNDS, SLOTS } from './soak-moves.ts';
import type { Memory, Move } from './soak-moves.ts';
import { SCRIPT } from './soak-script.ts';

const TICK_MS = 20;
const ROW_MS = 10_000;
const SAMPLE_MS = 1_000;
const WARM_UP_MS = 30_000;
/** Tasks that wait at most: enough that every slot has work. */
const BACKLOG = 200;
/** By what the heap may have grown between the warm-up and the end. */
const HEAP_TOLERANCE = { share: 1.1, bytes: 1_500_000 };

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const seed = Number(values.seed);
const durationMs = Number(values.seconds) * 1_000;

const home = await realpath(await mkdtemp(path.join(tmpdir(), 'pool-soak-')));
const folder = path.join(home, 'tmp');
await mkdir(folder);
process.env['TMPDIR'] = folder;
const mark = `POOL_SOAK=${randomUUID()}`;
const options = poolOptions();

console.log(`seed ${seed}, ${values.seconds} s; again with: npm run bench:soak -- --seed ${seed}`);
await (await createPool({ ...options, slots: 1, minSlots: 1 })).drain();
const before = holdings();
const problems = await soak();
problems.push(...(await leftovers({ before, mark, folder })));
await rm(home, { recursive: true, force: true });
for (const [problem, times] of counted(problems)) console.log(`BROKEN ${times} × ${problem}`);
console.log(problems.length === 0 ? '\nnothing is broken, nothing is left' : `\n${problems.length} broken`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function soak(): Promise<string[]> {
  const startedAt = performance.now();
  const pool = await createPool(options);
  const watch = watchInvariants(pool, { lateMs: 30_000 });
  const checks = checkAfterEvents(pool, watch);
  const calls = openCalls();
  const heaps: number[] = [];
  let low = Infinity;
  let sampleAt = SAMPLE_MS;
  const memory: Memory = { conversations: [] };
  let rowAt = ROW_MS;
  let round = 0;

  for await (const _ of ticks(TICK_MS)) {
    const elapsed = performance.now() - startedAt;
    if (elapsed >= sampleAt) {
      low = Math.min(low, heap());
      sampleAt = elapsed + SAMPLE_MS;
    }
    if (elapsed >= rowAt) {
      if (elapsed >= WARM_UP_MS) heaps.push(low);
      printRow(pool, { elapsed, watch, heap: low, broken: checks.broken.length });
      rowAt += ROW_MS;
      low = Infinity;
    }
    if (elapsed >= durationMs) break;
    for (const next of movesOf(round)) if (isWelcome(pool, next)) calls.track(play(pool, next, memory));
    round += 1;
  }

  const summary = await within(60_000, pool.drain({ timeoutMs: 3_000 }));
  await delay(100);
  checks.stop();
  const { attempts, retries, verdicts } = pool.metrics();
  const { estimatedUsd, spendUsd } = pool.status();
  console.table([
    { events: watch.history().count(), checks: checks.count(), attempts, retries, spendUsd, estimatedUsd },
  ]);
  console.table([verdicts]);
  console.table([calls.refusals()]);
  return [
    ...checks.broken,
    ...heapProblems(heaps),
    ...(summary === undefined ? ['the drain did not end'] : []),
    ...(calls.count() > 0 ? [`${calls.count()} calls have not ended`] : []),
    ...calls.surprises,
  ];
}

function poolOptions(): PoolOptions {
  const { env, ...claude } = fakeClaude({ script: SCRIPT, counters: home });
  const [name = '', value = ''] = mark.split('=');
  return {
    slots: SLOTS,
    minSlots: SLOT_BOUNDS.min,
    maxSlots: SLOT_BOUNDS.max,
    budgetUsd: 1_000,
    reservationUsd: 0.5,
    retries: 1,
    taskTimeoutMs: 8_000,
    idleTimeoutMs: 2_000,
    limitBackoffMs: 200,
    maxPendingReview: 30,
    maxRestarts: 4,
    keepFinished: 200,
    liveTasks: 50,
    claude: {
      ...claude,
      cwd: home,
      env: { ...env, CLAUDE_CONFIG_DIR: path.join(home, 'claude'), [name]: value },
      controlTimeoutMs: 2_000,
      interruptTimeoutMs: 1_000,
      closeTimeoutMs: 500,
    },
  };
}

/** The moves of one tick. They depend on nothing but the seed. */
function movesOf(round: number): readonly Move[] {
  return (
    fc.sample(fc.noBias(fc.array(move, { minLength: 2, maxLength: 8 })), {
      seed: seed + round,
      numRuns: 1,
    })[0] ?? []
  );
}

function isWelcome(pool: Pool, { type }: Move): boolean {
  const isWork = ['submit', 'review', 'fanOut', 'runAndAbort'].includes(type);
  return !isWork || pool.status().pendingTasks < BACKLOG;
}

/** Looks once all that an event leads to at once has happened. */
function checkAfterEvents(pool: Pool, watch: InvariantWatch) {
  const broken: string[] = [];
  let isDue = false;
  let count = 0;
  const off = pool.on('event', () => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(look);
  });

  function look(): void {
    isDue = false;
    count += 1;
    broken.push(...watch.look());
  }

  return {
    broken,
    count: () => count,
    stop() {
      look();
      off();
      watch.stop();
    },
  };
}

function printRow(
  pool: Pool,
  {
    elapsed,
    watch,
    heap: bytes,
    broken,
  }: {
    readonly elapsed: number;
    readonly watch: InvariantWatch;
    readonly heap: number;
    readonly broken: number;
  },
): void {
  const { slots, spendUsd, activeTasks, pendingTasks, pendingReview, limit } = pool.status();
  const live = slots.filter(({ state }) => state !== 'failed').length;
  const history = watch.history();
  const row = {
    seconds: Math.round(elapsed / 1_000),
    completed: history.ended('completed'),
    failed: history.ended('failed'),
    cancelled: history.ended('cancelled'),
    running: activeTasks,
    waiting: pendingTasks,
    reviews: pendingReview,
    spendUsd: Number(spendUsd.toFixed(2)),
    heapMB: Number((bytes / 2 ** 20).toFixed(1)),
    slots: `${live} of ${slots.length}`,
    limit: limit.state,
    broken,
  };
  console.log(
    Object.entries(row)
      .map(([name, value]) => `${name} ${value}`)
      .join('  '),
  );
}

function heapProblems([first, ...later]: readonly number[]): readonly string[] {
  const last = later.at(-1);
  if (first === undefined || last === undefined) return [];
  const most = first * HEAP_TOLERANCE.share + HEAP_TOLERANCE.bytes;
  return last <= most ? [] : [`the heap grew from ${first} to ${last} bytes after the warm-up`];
}

function heap(): number {
  if (globalThis.gc === undefined) throw new Error('Expected `node --expose-gc`.');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function counted(sentences: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const sentence of sentences) {
    const kind = sentence.replaceAll(/task-[\da-f-]{36}/g, 'task-…').replaceAll(/\d{4,}/g, '…');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

async function within<Value>(ms: number, work: Promise<Value>): Promise<Value | undefined> {
  const done = new AbortController();
  const late = delay(ms, undefined, { signal: done.signal }).catch(() => undefined);
  return Promise.race([work, late]).finally(() => done.abort());
}
