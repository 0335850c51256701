import type { Abortable, ChainInfo, HistoryOptions, TaskFilter, TaskInfo } from '../api.ts';
import { abortable } from '../abortable.ts';
import { chainInfoOf } from '../views/chain-info.ts';
import { formats } from '../durable/formats.ts';
import type { Kept } from '../durable/kept.ts';
import { PoolError } from '../errors.ts';
import type { PoolEvent } from '../events.ts';
import { openReadOnly } from '../store/open-read-only.ts';
import type { StoreProblem } from '../store/port.ts';
import { infoOf } from '../views/task-info.ts';
import { costOf } from './pool-cost.ts';
import type { PoolCost } from './pool-cost.ts';
import { followEvents } from './follow-events.ts';

/** What a pool has kept in its `stateDir`, for reading. */
export interface History extends AsyncDisposable {
  /** First those that have not ended, in the order in which they run; then the others, the last that ended first. */
  tasks(filter?: Omit<TaskFilter, 'slot'> & Abortable): Promise<readonly TaskInfo[]>;
  /** Rejects with `TASK_NOT_FOUND`. */
  task(taskId: string, options?: Abortable): Promise<TaskInfo>;
  /** Rejects with `CHAIN_NOT_FOUND`. */
  chain(chainId: string, options?: Abortable): Promise<ChainInfo>;
  /** In the order in which they happened. */
  events(options?: HistoryOptions & Abortable): Promise<readonly PoolEvent[]>;
  /** Events from that number on, those that are kept and then those that come. Ends when the signal is aborted. */
  follow(options?: Omit<HistoryOptions, 'limit'> & Abortable): AsyncIterable<PoolEvent>;
  /** What was spent, and by which slots. */
  cost(options?: Abortable): Promise<PoolCost>;
  /** Records that could not be read. A pool sets them aside at its start, and nothing else suffers from them. */
  problems(options?: Abortable): Promise<readonly StoreProblem[]>;
  /** What is wrong with the file as a whole, in words; empty when it is sound. Reads all of it. */
  integrity(options?: Abortable): Promise<readonly string[]>;
  close(): Promise<void>;
}

/**
 * Opens the `stateDir` of a pool for reading, also while a pool works on it. It changes nothing.
 * Rejects with `STORE` when there is no store in the folder.
 *
 * @example
 * await using history = await openHistory({ stateDir: '.claude-pool/state' });
 * const failed = await history.tasks({ state: 'failed' });
 */
export async function openHistory({ stateDir }: { readonly stateDir: string }): Promise<History> {
  const store = openReadOnly<Kept>({ stateDir, formats });

  function events({ from = 1, task, limit = 1_000 }: HistoryOptions): Promise<readonly PoolEvent[]> {
    return store.events({ from, limit, ...(task !== undefined && { taskId: task }) });
  }

  return {
    async tasks({ signal, ...filter } = {}) {
      signal?.throwIfAborted();
      return store.tasks(filter).map(({ data }) => infoOf(data));
    },
    async task(taskId, { signal } = {}) {
      signal?.throwIfAborted();
      const save = store.task(taskId);
      if (save !== undefined) return infoOf(save.data);
      throw new PoolError('TASK_NOT_FOUND', missing('task', taskId, stateDir), { taskId });
    },
    async chain(chainId, { signal } = {}) {
      signal?.throwIfAborted();
      const save = store.chain(chainId);
      if (save !== undefined) return chainInfoOf(save.data.view, () => '');
      throw new PoolError('CHAIN_NOT_FOUND', missing('chain', chainId, stateDir));
    },
    events: ({ signal, ...options } = {}) => abortable(events(options), signal),
    follow: ({ signal, ...options } = {}) => followEvents({ ...options, stateDir, events, signal }),
    async cost({ signal } = {}) {
      const { pool } = await abortable(store.load(), signal);
      return costOf(pool);
    },
    problems: ({ signal } = {}) => abortable(store.problems(), signal),
    integrity: ({ signal } = {}) => abortable(store.integrity(), signal),
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

function missing(noun: 'task' | 'chain', id: string, stateDir: string): string {
  return `Expected the id of a ${noun} in \`${stateDir}\`, got \`${id}\`. Those that ended long ago are dropped (\`keepFinished\`).`;
}
