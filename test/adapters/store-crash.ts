import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { sqliteStore } from '../../src/store/sqlite-store.ts';
import { builtProgram } from '../built-program.ts';
import { event, FORMATS } from './store-records.ts';
import type { Kept } from './store-records.ts';

const WORKER = builtProgram(new URL('store-crash-worker.ts', import.meta.url));

export interface Worker {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
}

/** A process that commits to the store of a folder. Resolves once it works. */
export async function startWorker(stateDir: string): Promise<Worker> {
  const child = spawn(process.execPath, [WORKER, stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return { child, lines };
}

/** Kills a working process after some acknowledged batches; resolves with the last acknowledged one. */
export async function killAfter({ child, lines }: Worker, batches: number): Promise<number> {
  const gone = once(child, 'exit');
  let last = 0;
  for (let seen = 0; seen < batches; seen += 1) last = Number((await lines.next()).value);
  child.kill('SIGKILL');
  for (let line = await lines.next(); line.done !== true; line = await lines.next())
    last = Number(line.value);
  await gone;
  return last;
}

/** What is wrong with a store after its process was killed, in words; empty when nothing is. */
export async function faultsAfter(stateDir: string, acknowledged: number): Promise<readonly string[]> {
  const store = sqliteStore<Kept>({ stateDir, formats: FORMATS });
  const { lastEventSeq: last, pool, pending } = await store.load();
  const counts = await store.counts();
  const events = await store.events({ limit: last + 1 });
  let waiting = 0;
  for await (const _ of pending) waiting += 1;
  const tail = store.task(`task-${2 * last}`);
  const faults = [
    ...(await store.integrity()),
    ...(await store.problems()).map(({ reason }) => reason),
    last < acknowledged && `batch ${acknowledged} was acknowledged, ${last} is the last`,
    pool?.spent !== last && `the pool says ${pool?.spent}, the events ${last}`,
    counts.completed !== last - 1 && `${counts.completed} tasks have ended, not ${last - 1}`,
    counts.pending !== last + 1 && `${counts.pending} tasks wait, not ${last + 1}`,
    waiting !== counts.pending && `${waiting} tasks are read, ${counts.pending} counted`,
    tail === undefined && `task ${2 * last} is missing`,
    events.some(({ seq }, index) => seq !== index + 1) && 'an event is missing',
    JSON.stringify(events.at(-1)) !== JSON.stringify(event(last, `task-${2 * last}`)) &&
      'the last event is torn',
  ];
  await store.close();
  return faults.filter((fault) => typeof fault === 'string');
}
