/**
 * What a durable task costs, beside libsql doing the same three commits by hand in the same run, and how long a large
 * store takes to load. `--large`: 100,000 pending and 1,000,000 finished tasks. `--kills=200`: also kills processes.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { faultsAfter, killAfter, startWorker } from '../adapters/store-crash.ts';
import { batchOf, CONTENDERS, openStore, STATES } from './store-contenders.ts';
import type { Contender } from './store-contenders.ts';
import { measureLoad } from './store-load.ts';

const IN_FLIGHT = 64;
const TASKS = 6_400;
const ROUNDS = 5;
const LARGE = { pending: 100_000, finished: 1_000_000 };
const SMALL = { pending: 10_000, finished: 20_000 };

console.log(
  `3 commits per task, ${IN_FLIGHT} in flight, ${TASKS} tasks, medians of ${ROUNDS} interleaved rounds`,
);
console.table(await throughput());
console.table(await flatness());
await measureLoad(process.argv.includes('--large') ? LARGE : SMALL);
await killMany(
  Number(process.argv.find((each) => each.startsWith('--kills='))?.slice('--kills='.length) ?? 0),
);

async function throughput(): Promise<unknown[]> {
  const costs = new Map(CONTENDERS.map(({ name }) => [name, [] as Cost[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const contender of CONTENDERS) costs.get(contender.name)?.push(await lifecycles(contender));
  }
  const rows = [...costs].map(([name, list]) => ({
    name,
    'tasks/s': Math.round(median(list.map(({ perSecond }) => perSecond))),
    'CPU µs/task': Math.round(median(list.map(({ cpu }) => cpu))),
    'commit p50 ms': round2(median(list.map(({ p50 }) => p50))),
    'p99 ms': round2(median(list.map(({ p99 }) => p99))),
  }));
  const rate = (name: string): number => rows.find((row) => row.name === name)?.['tasks/s'] ?? 0;
  return rows.map((row) => {
    const raw = rate(row.name.endsWith('normal') ? 'raw libsql, normal' : 'raw libsql, full');
    return { ...row, 'of raw': round2(row['tasks/s'] / raw) };
  });
}

interface Cost {
  readonly perSecond: number;
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
}

async function lifecycles({ open }: Contender): Promise<Cost> {
  const folder = await mkdtemp(path.join(tmpdir(), 'claude-pool-bench-'));
  const { save, close } = open(folder);
  const waits: number[] = [];
  let next = 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  await close();
  await rm(folder, { recursive: true });
  const sorted = waits.toSorted((one, other) => one - other);
  const quantile = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0;
  return {
    perSecond: TASKS / seconds,
    cpu: (user + system) / TASKS,
    p50: quantile(0.5),
    p99: quantile(0.99),
  };

  async function worker(): Promise<void> {
    while (next < TASKS) {
      next += 1;
      const place = next;
      const id = randomUUID();
      for (const state of STATES) {
        const asked = performance.now();
        await save(id, place, state);
        waits.push(performance.now() - asked);
      }
    }
  }
}

/** What a commit costs as the store grows past its bounds. */
async function flatness(): Promise<unknown[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'claude-pool-bench-'));
  const store = openStore(folder, 'normal');
  const rows = [];
  let seq = 0;
  let place = 0;
  for (const size of [1_000, 10_000, 50_000, 100_000]) {
    const began = performance.now();
    const cpu = process.cpuUsage();
    const before = place;
    for (; place < size; place += IN_FLIGHT) {
      const start = place;
      const changes = Array.from({ length: IN_FLIGHT }, (_, index) => ({
        id: randomUUID(),
        place: start + index,
      }));
      for (const state of STATES) {
        await store.commit(
          batchOf(
            changes.map((change) => ({ ...change, state })),
            () => (seq += 1),
          ),
        );
      }
    }
    const { user, system } = process.cpuUsage(cpu);
    const done = place - before;
    rows.push({
      'tasks so far': place,
      'µs/task': Math.round(((performance.now() - began) * 1_000) / done),
      'CPU µs/task': Math.round((user + system) / done),
      kept: (await store.counts()).completed,
    });
  }
  await store.close();
  await rm(folder, { recursive: true });
  return rows;
}

async function killMany(kills: number): Promise<void> {
  if (kills === 0) return;
  const folder = await mkdtemp(path.join(tmpdir(), 'claude-pool-bench-'));
  const faults: string[] = [];
  let last = 0;
  for (let round = 0; round < kills; round += 1) {
    last = await killAfter(await startWorker(folder), 1 + Math.floor(Math.random() * 60));
    faults.push(...(await faultsAfter(folder, last)));
  }
  console.log(`\n${kills} processes killed, ${last} batches acknowledged, faults: ${JSON.stringify(faults)}`);
  await rm(folder, { recursive: true });
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
