/** How long a store takes to load in a new process, and how much memory. As a script: loads the given folder. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { batchOf, openStore } from './store-contenders.ts';
import type { State } from './store-contenders.ts';

const [script = '', folder = ''] = process.argv.slice(1);
if (script === import.meta.filename) await reportLoad(folder);

export interface StoreSize {
  readonly pending: number;
  readonly finished: number;
}

/** Fills a store, and prints what loading it costs. */
export async function measureLoad(size: StoreSize): Promise<void> {
  const filled = await mkdtemp(path.join(tmpdir(), 'claude-pool-bench-'));
  await fill(filled, size);
  console.log(`\nload of ${size.pending} pending and ${size.finished} finished tasks in a new process`);
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', import.meta.filename, filled]);
  console.log(stdout);
  await rm(filled, { recursive: true });
}

async function fill(stateDir: string, { pending, finished }: StoreSize): Promise<void> {
  const store = openStore(stateDir, 'normal', finished);
  let seq = 0;
  for (let place = 0; place < pending + finished; place += 2_000) {
    const changes = Array.from({ length: 2_000 }, (_, index) => {
      const state: State = place + index < finished ? 'completed' : 'pending';
      return { id: randomUUID(), place: place + index, state };
    });
    await store.commit(batchOf(changes, () => (seq += 1)));
  }
  await store.close();
}

async function reportLoad(stateDir: string): Promise<void> {
  const started = performance.now();
  const since = (): number => Math.round(performance.now() - started);
  const store = openStore(stateDir, 'full', 1_000_000);
  const { pending } = await store.load();
  const opened = since();
  let first: number | undefined;
  let last = '';
  let read = 0;
  for await (const { id } of pending) {
    first ??= since();
    last = id;
    read += 1;
  }
  const all = since();
  const rssAfterAll = megabytes();
  store.task(last);
  const found = since() - all;
  const counted = await timed(() => store.counts());
  const listed = await timed(async () => store.tasks({ state: 'completed' }));
  await store.close();
  console.table([
    {
      'opened ms': opened,
      'first task ms': first,
      'all pending ms': all,
      pending: read,
      'peak MB': rssAfterAll,
      'by id ms': found,
      'counts ms': counted,
      'last 100 finished ms': listed,
    },
  ]);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round(performance.now() - start);
}

function megabytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1_024);
}
