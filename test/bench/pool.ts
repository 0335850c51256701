/** What a task costs the pool itself, beside p-queue doing the same in the same run. Needs `--expose-gc`. */
import { EventEmitter, once } from 'node:events';
import { createPool } from 'claude-pool';
import type { Pool } from 'claude-pool';
import PQueue from 'p-queue';
import { costOf, toTenths } from './cost.ts';
import type { Cost } from './cost.ts';
import { instantDriver } from './instant-driver.ts';

const SLOTS = 32;
const SIZES = [1_000, 10_000, 100_000, 300_000];
const PROMPT = 'the same prompt for all';

type Priorities = (index: number) => number;

const ORDERS: Readonly<Record<string, Priorities | undefined>> = {
  'no priorities': undefined,
  '10 levels': (index) => (index * 7_919) % 10,
  'random priorities': (index) => Math.imul(index, 0x9e3779b1) >>> 0,
  'rising priorities': (index) => index,
};

await runPool(20_000, ORDERS['random priorities']);
await runQueue(20_000, ORDERS['random priorities']);

for (const [order, priorities] of Object.entries(ORDERS)) {
  const rows = [];
  for (const size of SIZES) {
    const ours = await measured(size, () => runPool(size, priorities));
    const theirs = await measured(size, () => runQueue(size, priorities));
    rows.push({
      tasks: size,
      'claude-pool µs/task': ours.wall,
      'CPU µs': ours.cpu,
      'p-queue µs/task': theirs.wall,
      'CPU µs (p-queue)': theirs.cpu,
      ratio: Number((ours.cpu / theirs.cpu).toFixed(2)),
    });
  }
  console.log(`\n${order}, ${SLOTS} slots`);
  console.table(rows);
}

console.log('\nheap');
console.table([
  { what: 'bytes per pending task, at 100,000', bytes: await bytesPerPending(100_000), limit: 700 },
  { what: 'bytes left of a finished task', bytes: await bytesLeftPerTask(100_000), limit: 50 },
]);

async function measured(size: number, work: () => Promise<void>): Promise<Cost> {
  collect();
  return costOf(size, work);
}

async function runPool(size: number, priorities: Priorities | undefined): Promise<void> {
  const pool = await createPool({ slots: SLOTS, driver: instantDriver() });
  const finished = allFinished(pool, size);
  for (let index = 0; index < size; index += 1) {
    void pool.submit(PROMPT, priorities === undefined ? {} : { priority: priorities(index) });
  }
  await finished;
  await pool.drain();
}

async function runQueue(size: number, priorities: Priorities | undefined): Promise<void> {
  const queue = new PQueue({ concurrency: SLOTS });
  const session = await instantDriver().open({ slotId: 'slot-0' }, { signal: new AbortController().signal });
  const { signal } = new AbortController();
  for (let index = 0; index < size; index += 1) {
    void queue.add(
      () => session.run({ prompt: PROMPT }, { signal }),
      priorities === undefined ? {} : { priority: priorities(index) },
    );
  }
  await queue.onIdle();
}

async function bytesPerPending(size: number): Promise<number> {
  const gate = new EventEmitter();
  const pool = await createPool({ slots: SLOTS, driver: instantDriver(once(gate, 'open')) });
  const before = heap();
  await submitAll(pool, size);
  const after = heap();
  gate.emit('open');
  await pool.drain();
  return toTenths((after - before) / size);
}

async function bytesLeftPerTask(size: number): Promise<number> {
  const pool = await createPool({ slots: SLOTS, driver: instantDriver(), keepFinished: 1 });
  await finishAll(pool, 10_000);
  const before = heap();
  await finishAll(pool, size);
  const left = heap() - before;
  await pool.drain();
  return toTenths(left / size);
}

async function finishAll(pool: Pool, size: number): Promise<void> {
  const finished = allFinished(pool, size);
  await submitAll(pool, size);
  await finished;
  await new Promise((resolve) => setTimeout(resolve, 50));
}

async function submitAll(pool: Pool, size: number): Promise<void> {
  let last: Promise<string> | undefined;
  for (let index = 0; index < size; index += 1) last = pool.submit(PROMPT);
  await last;
}

function allFinished(pool: Pool, size: number): Promise<void> {
  return new Promise((resolve) => {
    let left = size;
    const off = pool.on('task.completed', () => {
      left -= 1;
      if (left > 0) return;
      off();
      resolve();
    });
  });
}

function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

function collect(): void {
  if (globalThis.gc === undefined) throw new Error('Expected `node --expose-gc`.');
  globalThis.gc();
  globalThis.gc();
}
