/**
 * How soon a chain's next step starts, and what thousands of chains cost, beside the same steps as plain `run` calls
 * and as a p-queue that runs them. Needs `--expose-gc`.
 */
import { EventEmitter, once } from 'node:events';
import { createPool } from 'claude-pool';
import type { ClaudeDriver, Pool } from 'claude-pool';
import PQueue from 'p-queue';
import { instantDriver } from './instant-driver.ts';

const SLOTS = 16;
const STEPS = 5;
const SIZES = [200, 2_000, 10_000];
const GAP_CHAINS = 200;
const GAP_LIMIT_MS = 5;
const CHAIN = Array.from({ length: STEPS }, (_, index) => ({
  name: `step-${index}`,
  prompt: index === 0 ? 'Begin.' : 'Go on with {previous_output}.',
}));

await measured(200, () => runChains(200));
await measured(200, () => runTasks(200));
await measured(200, () => runQueue(200));

console.log(
  `\nfrom a result to the next step's prompt, ${GAP_CHAINS} chains of ${STEPS} steps, one slot, ms`,
);
console.table([await gaps('chain', gapsOfChains), await gaps('await pool.run', gapsOfTasks)]);

const rows = [];
for (const size of SIZES) {
  const chains = await measured(size, () => runChains(size));
  const tasks = await measured(size, () => runTasks(size));
  const queue = await measured(size, () => runQueue(size));
  rows.push({
    chains: size,
    'chain µs/step': chains.wall,
    'CPU µs': chains.cpu,
    'out of order': chains.outcome.faults,
    'heap held at the end, MB': chains.outcome.heldMb,
    'pool.run µs/step': tasks.wall,
    'CPU µs (pool.run)': tasks.cpu,
    'p-queue µs/step': queue.wall,
  });
}
console.log(`\nchains of ${STEPS} steps at once, ${SLOTS} slots`);
console.table(rows);

console.log('\nheap');
console.table([
  { what: 'bytes per chain that waits, at 2,000', bytes: await bytesPerWaitingChain(2_000) },
  { what: 'bytes left of a chain that is dropped', bytes: await bytesLeftPerChain(5_000) },
]);

interface Cost<Outcome> {
  readonly wall: number;
  readonly cpu: number;
  readonly outcome: Outcome;
}

async function measured<Outcome>(size: number, work: () => Promise<Outcome>): Promise<Cost<Outcome>> {
  heap();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const outcome = await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const steps = size * STEPS;
  return {
    wall: round((wall * 1_000) / steps),
    cpu: round((user + system) / steps),
    outcome,
  };
}

interface ChainRun {
  /** Steps that began before the step before them had ended. */
  readonly faults: number;
  /** What the pool keeps of the chains that have ended. */
  readonly heldMb: number;
}

async function runChains(size: number): Promise<ChainRun> {
  const before = process.memoryUsage().heapUsed;
  await using pool = await createPool({ slots: SLOTS, driver: instantDriver() });
  const order = orderWatch(pool);
  await pool.fanOutChains(Array.from({ length: size }, () => CHAIN));
  return { faults: order.faults(), heldMb: round((heap() - before) / 2 ** 20) };
}

async function runTasks(size: number): Promise<void> {
  await using pool = await createPool({ slots: SLOTS, driver: instantDriver() });
  await Promise.all(Array.from({ length: size }, () => runSteps(pool)));
}

async function runSteps(pool: Pool): Promise<void> {
  let previous = '';
  for (const { prompt } of CHAIN) {
    const { output } = await pool.run(prompt.replace('{previous_output}', previous));
    previous = output;
  }
}

async function runQueue(size: number): Promise<void> {
  const queue = new PQueue({ concurrency: SLOTS });
  const { signal } = new AbortController();
  const session = await instantDriver().open({ slotId: 'slot-0' }, { signal });
  await Promise.all(
    Array.from({ length: size }, async () => {
      let previous = '';
      for (const { prompt } of CHAIN) {
        const turn = { prompt: prompt.replace('{previous_output}', previous) };
        const report = await queue.add(() => session.run(turn, { signal }));
        previous = report?.evidence.result?.text ?? '';
      }
    }),
  );
}

function orderWatch(pool: Pool) {
  const next = new Map<string, number>();
  let faults = 0;
  pool.on('chain.stepStarted', ({ chainId, step }) => {
    if (step !== `step-${next.get(chainId) ?? 0}`) faults += 1;
  });
  pool.on('chain.stepEnded', ({ chainId }) => next.set(chainId, (next.get(chainId) ?? 0) + 1));
  return { faults: () => faults };
}

async function gaps(what: string, measure: (pool: Pool) => Promise<void>) {
  const found: number[] = [];
  await using pool = await createPool({ slots: 1, driver: timed(instantDriver(), found) });
  await measure(pool);
  const sorted = found.toSorted((left, right) => left - right);
  const at = (part: number): number => round(sorted[Math.floor(sorted.length * part)] ?? Number.NaN, 3);
  return { what, median: at(0.5), p95: at(0.95), max: at(0.999), limit: GAP_LIMIT_MS };
}

async function gapsOfChains(pool: Pool): Promise<void> {
  for (let index = 0; index < GAP_CHAINS; index += 1) await pool.runChain(CHAIN);
}

async function gapsOfTasks(pool: Pool): Promise<void> {
  for (let index = 0; index < GAP_CHAINS; index += 1) await runSteps(pool);
}

/** Notes the time from the end of a turn to the next prompt, within one chain. */
function timed(driver: ClaudeDriver, found: number[]): ClaudeDriver {
  let endedAt: number | undefined;
  return {
    async open(launch, options) {
      const session = await driver.open(launch, options);
      return {
        ...session,
        async run(turn, hooks) {
          if (endedAt !== undefined && turn.prompt !== 'Begin.') found.push(performance.now() - endedAt);
          const report = await session.run(turn, hooks);
          endedAt = performance.now();
          return report;
        },
      };
    },
  };
}

async function bytesPerWaitingChain(size: number): Promise<number> {
  const gate = new EventEmitter();
  await using pool = await createPool({ slots: SLOTS, driver: instantDriver(once(gate, 'open')) });
  const before = heap();
  await Promise.all(Array.from({ length: size }, () => pool.submitChain(CHAIN)));
  const after = heap();
  gate.emit('open');
  return round((after - before) / size);
}

async function bytesLeftPerChain(size: number): Promise<number> {
  await using pool = await createPool({ slots: SLOTS, driver: instantDriver(), keepFinished: 1 });
  for (let index = 0; index < 5; index += 1)
    await pool.fanOutChains(Array.from({ length: 200 }, () => CHAIN));
  const before = heap();
  for (let left = size; left > 0; left -= 200)
    await Promise.all(Array.from({ length: 200 }, () => pool.submitChain(CHAIN)));
  await pool.runChain(CHAIN);
  await new Promise((resolve) => setTimeout(resolve, 50));
  return round((heap() - before) / size);
}

function heap(): number {
  if (globalThis.gc === undefined) throw new Error('Expected `node --expose-gc`.');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
