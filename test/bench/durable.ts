/**
 * What durability costs a pool: per task (`--sizes 1000,10000,100000`), and on a folder where many wait and have ended
 * (`--pending 1000,100000,1000000 --finished 1000000` for the large ones). Needs `--expose-gc`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createPool } from 'claude-pool';
import type { ClaudeDriver, Pool } from 'claude-pool';
import { execa } from 'execa';
import { deferred } from '../../src/deferred.ts';
import { costOf } from './cost.ts';
import type { Cost } from './cost.ts';
import { fillFolder, PROMPT } from './durable-folder.ts';
import { instantDriver } from './instant-driver.ts';

const SLOTS = 64;
/** Tasks that are submitted, and that run, while so many wait. */
const SAMPLE = 3_200;

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000' },
    pending: { type: 'string', default: '1000,100000' },
    finished: { type: 'string', default: '0' },
    start: { type: 'string' },
  },
});

const finished = Number(values.finished);

if (values.start === undefined) await bench();
else await reportStart(values.start);

async function bench(): Promise<void> {
  await inFolder((stateDir) => lifecycles(stateDir, 2_000));
  const rows = [];
  for (const size of values.sizes.split(',').map(Number)) {
    const durable = await inFolder((stateDir) => lifecycles(stateDir, size));
    const memory = await lifecycles(undefined, size);
    rows.push({
      tasks: size,
      'durable µs/task': durable.wall,
      'CPU µs': durable.cpu,
      'tasks/s': Math.round(1e6 / durable.wall),
      'memory µs/task': memory.wall,
      'CPU µs (memory)': memory.cpu,
    });
  }
  console.log(`\naccepted, running, completed: ${SLOTS} slots, synchronous FULL`);
  console.table(rows);
  const backlogs = [];
  for (const pending of values.pending.split(',').map(Number)) {
    backlogs.push(await inFolder((stateDir) => backlog(stateDir, { pending, finished })));
  }
  console.log(`\na new process on a folder with ${finished} finished tasks, ${SLOTS} slots`);
  console.table(backlogs);
}

async function backlog(
  stateDir: string,
  size: { readonly pending: number; readonly finished: number },
): Promise<unknown> {
  await fillFolder(stateDir, size);
  const args = [import.meta.filename, '--start', stateDir, '--finished', String(size.finished)];
  const { stdout } = await execa(process.execPath, ['--expose-gc', '--import', 'tsx', ...args]);
  return { pending: size.pending, ...JSON.parse(stdout) };
}

/** Microseconds that a task costs from its submission to its durable end. */
async function lifecycles(stateDir: string | undefined, size: number): Promise<Cost> {
  globalThis.gc?.();
  const pool = await createPool({
    slots: SLOTS,
    maxSlots: SLOTS,
    driver: instantDriver(),
    skills: { project: false, global: false },
    ...(stateDir !== undefined && { stateDir }),
  });
  const cost = await costOf(size, async () => {
    let last = '';
    const ids = Array.from({ length: size }, () => pool.submit(PROMPT));
    for (const id of ids) last = await id;
    await pool.wait(last);
  });
  await pool.drain();
  return cost;
}

/** Prints what a pool costs that starts on the folder, and what its tasks cost with so many waiting. */
async function reportStart(stateDir: string): Promise<void> {
  const start = performance.now();
  const prompted = deferred<number>();
  const gate = deferred<void>();
  const pool = await createPool({
    slots: SLOTS,
    maxSlots: SLOTS,
    stateDir,
    skills: { project: false, global: false },
    keepFinished: Math.max(10_000, finished),
    driver: noticed(instantDriver(gate.promise), () => prompted.resolve(performance.now() - start)),
  });
  const firstMs = await prompted.promise;
  const peak = process.resourceUsage().maxRSS / 1_024;
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed / 2 ** 20;
  const submitted = await costOf(SAMPLE, async () => {
    for (let left = SAMPLE; left > 0; left -= SLOTS) {
      await Promise.all(Array.from({ length: SLOTS }, () => pool.submit(PROMPT)));
    }
  });
  const ran = await costOf(SAMPLE, async () => {
    gate.resolve();
    await completions(pool, SAMPLE);
  });
  const row = {
    'first prompt ms': Math.round(firstMs),
    'peak MB': Math.round(peak),
    'heap MB': Math.round(heap),
    'submit µs': submitted.wall,
    'submit CPU µs': submitted.cpu,
    'run µs': ran.wall,
    'run CPU µs': ran.cpu,
  };
  process.stdout.write(JSON.stringify(row), () => process.exit());
}

function noticed(driver: ClaudeDriver, onPrompt: () => void): ClaudeDriver {
  return {
    async open(...call) {
      const session = await driver.open(...call);
      return {
        ...session,
        run(...turn) {
          onPrompt();
          return session.run(...turn);
        },
      };
    },
  };
}

function completions(pool: Pool, count: number): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    pool.on('task.completed', () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
}

async function inFolder<Result>(work: (stateDir: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'claude-pool-bench-'));
  try {
    return await work(path.join(folder, 'state'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
