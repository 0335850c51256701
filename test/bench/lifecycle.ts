/**
 * A durable task from its acceptance to its end, 64 in flight: a pool with `stateDir` beside libsql doing the same
 * three commits by hand and beside BullMQ on a Redis of its own, in the same run. `--tasks 6400`, `--rounds 5`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bullContender, libsqlContender, poolContender } from './lifecycle-contenders.ts';
import type { LifecycleContender } from './lifecycle-contenders.ts';
import { GET_REDIS, localRedis } from './local-redis.ts';

const IN_FLIGHT = 64;

const { values: options } = parseArgs({
  options: { tasks: { type: 'string', default: '6400' }, rounds: { type: 'string', default: '5' } },
});
const TASKS = Number(options.tasks);
const ROUNDS = Number(options.rounds);

await using redis = await localRedis();
if (redis === undefined) console.log(GET_REDIS);
const pool = poolContender(IN_FLIGHT);
const contenders = [
  pool,
  libsqlContender(),
  ...(redis === undefined ? [] : [bullContender(redis, IN_FLIGHT)]),
];
const rates = new Map(contenders.map(({ name }) => [name, [] as number[]]));
for (const contender of contenders) await rate(contender);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const contender of contenders) rates.get(contender.name)?.push(await rate(contender));
}
const own = median(rates.get(pool.name) ?? []);
console.log(`\n${IN_FLIGHT} in flight, ${TASKS} tasks, medians of ${ROUNDS} interleaved rounds`);
console.table(
  [...rates].map(([name, list]) => ({
    name,
    'tasks/s': Math.round(median(list)),
    'claude-pool is': `${(own / median(list)).toFixed(2)} times that`,
  })),
);

/** Tasks per second. */
async function rate({ open }: LifecycleContender): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'claude-pool-bench-'));
  const { run, close } = await open(folder);
  let left = TASKS;
  const start = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, feed));
  const seconds = (performance.now() - start) / 1_000;
  await close();
  await rm(folder, { recursive: true });
  return TASKS / seconds;

  async function feed(): Promise<void> {
    while (left > 0) {
      left -= 1;
      await run();
    }
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
