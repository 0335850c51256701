/**
 * What durability costs a pool: per task, and at the start on a full folder (`--finished 1000000` for the large one;
 * `--sizes 1000,10000` for fewer). Needs `--expose-gc`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createPool } from 'claude-pool';
import { execa } from 'execa';
import { fillFolder, PROMPT } from './durable-folder.ts';
import { instantDriver } from './instant-driver.ts';

const SLOTS = 64;

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000' },
    pending: { type: 'string', default: '100000' },
    finished: { type: 'string', default: '0' },
    start: { type: 'string' },
  },
});

if (values.start === undefined) await bench();
else await reportStart(values.start, Number(values.finished));

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
  await inFolder(async (stateDir) => {
    const pending = Number(values.pending);
    const finished = Number(values.finished);
    await fillFolder(stateDir, { pending, finished });
    console.log(`\nstart in a new process with ${pending} pending and ${finished} finished tasks`);
    const args = [import.meta.filename, '--start', stateDir, '--finished', String(finished)];
    const { stdout } = await execa(process.execPath, ['--import', 'tsx', ...args]);
    console.log(stdout);
  });
}

interface Cost {
  readonly wall: number;
  readonly cpu: number;
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
  const cpu = process.cpuUsage();
  const start = performance.now();
  let last = '';
  const ids = Array.from({ length: size }, () => pool.submit(PROMPT));
  for (const id of ids) last = await id;
  await pool.wait(last);
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  await pool.drain();
  return { wall: round((wall * 1_000) / size), cpu: round((user + system) / size) };
}

async function reportStart(stateDir: string, finished: number): Promise<void> {
  const start = performance.now();
  const since = (): number => Math.round(performance.now() - start);
  let firstMs = 0;
  const driver = instantDriver();
  const pool = await createPool({
    slots: 4,
    stateDir,
    skills: { project: false, global: false },
    keepFinished: Math.max(10_000, finished),
    driver: {
      async open(...call) {
        const session = await driver.open(...call);
        return {
          ...session,
          run(...turn) {
            if (firstMs === 0) firstMs = since();
            return session.run(...turn);
          },
        };
      },
    },
  });
  const open = since();
  await new Promise<void>((resolve) => void pool.on('task.completed', () => resolve()));
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1_024);
  console.table([
    { 'open ms': open, 'first prompt ms': firstMs, 'first end ms': since(), 'peak MB': megabytes },
  ]);
  process.exit();
}

async function inFolder<Result>(work: (stateDir: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'claude-pool-bench-'));
  try {
    return await work(path.join(folder, 'state'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
