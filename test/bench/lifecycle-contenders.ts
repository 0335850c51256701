import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { createPool } from 'claude-pool';
import { PROMPT } from './durable-folder.ts';
import { instantDriver } from './instant-driver.ts';
import type { LocalRedis } from './local-redis.ts';
import { CONTENDERS, STATES } from './store-contenders.ts';

export interface LifecycleContender {
  readonly name: string;
  /** `run` takes one task from its acceptance to its durable end. */
  readonly open: (
    folder: string,
  ) => Promise<{ readonly run: () => Promise<void>; readonly close: () => Promise<void> }>;
}

/** A pool that keeps its state, with so many slots whose Claude answers at once. */
export function poolContender(slots: number): LifecycleContender {
  return {
    name: 'claude-pool with `stateDir`',
    async open(stateDir) {
      const pool = await createPool({
        slots,
        maxSlots: slots,
        stateDir,
        driver: instantDriver(),
        skills: { project: false, global: false },
      });
      return { run: async () => void (await pool.run(PROMPT)), close: async () => void (await pool.drain()) };
    },
  };
}

/** The same three commits by hand, those of one turn of the event loop together. */
export function libsqlContender(): LifecycleContender {
  const [raw] = CONTENDERS;
  return {
    name: 'raw libsql, three commits by hand',
    async open(folder) {
      if (raw === undefined) throw new Error('Expected the raw contender.');
      const { save, close } = raw.open(folder);
      let place = 0;
      return {
        async run() {
          const id = randomUUID();
          place += 1;
          const own = place;
          for (const state of STATES) await save(id, own, state);
        },
        close,
      };
    },
  };
}

/** A queue and a worker that answers at once. The end of a job is what its worker is told, without another round trip. */
export function bullContender({ socket }: LocalRedis, concurrency: number): LifecycleContender {
  return {
    name: 'BullMQ, Redis with `appendfsync everysec`',
    async open() {
      const name = randomUUID();
      const queue = new Queue(name, { connection: { path: socket } });
      const worker = new Worker(name, async () => 'done', {
        connection: { path: socket, maxRetriesPerRequest: null },
        concurrency,
      });
      const ends = new Map<string, () => void>();
      worker.on('completed', ({ id = '' }) => ends.get(id)?.());
      worker.on('error', (error) => {
        throw error;
      });
      await worker.waitUntilReady();
      return {
        async run() {
          const jobId = randomUUID();
          const ended = new Promise<void>((resolve) => void ends.set(jobId, resolve));
          await queue.add('task', { prompt: PROMPT }, { jobId });
          await ended;
          ends.delete(jobId);
        },
        async close() {
          await worker.close();
          await queue.close();
        },
      };
    },
  };
}
