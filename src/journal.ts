import type { ChainView } from '../machines/chain-shelf.ts';
import type { TaskView } from '../machines/task-types.ts';
import { PoolError } from './errors.ts';
import type { PoolEvent } from './events.ts';
import type { Store, StoreBatch } from './ports.ts';
import type { World } from './world.ts';

export interface Journal {
  record(change: JournalChange): void;
  /** Resolves when all that was recorded so far is durable. Rejects with `STORE` when it cannot be. */
  flushed(): Promise<void>;
  /** Tasks as they are, whose last change is not durable yet; of several versions the last one counts. */
  unsaved(): readonly TaskView[];
}

export interface JournalChange {
  readonly event?: PoolEvent;
  readonly task?: TaskView;
  readonly chain?: ChainView;
}

export interface JournalOptions extends Pick<World, 'nextTurn'> {
  readonly store: Store;
  /** Told of a batch that has become durable. */
  readonly onDurable: (batch: StoreBatch) => void;
  /** The store takes nothing more. */
  readonly onFailure: (error: PoolError) => void;
}

/** Groups what changes within one turn of the event loop into one commit. */
export function journal({ store, nextTurn, onDurable, onFailure }: JournalOptions): Journal {
  let tasks: TaskView[] = [];
  let leaving: readonly TaskView[] = [];
  let chains: ChainView[] = [];
  let events: PoolEvent[] = [];
  let open: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  async function commit(previous: Promise<void>): Promise<void> {
    await previous;
    await nextTurn();
    const batch = { tasks, chains, events };
    leaving = tasks;
    tasks = [];
    chains = [];
    events = [];
    open = undefined;
    await store.commit(batch).catch((cause: unknown) => {
      const error = storeError(cause);
      onFailure(error);
      throw error;
    });
    leaving = [];
    onDurable(batch);
  }

  return {
    record({ event, task, chain }) {
      if (task !== undefined) tasks.push(task);
      if (chain !== undefined) chains.push(chain);
      if (event !== undefined) events.push(event);
      if (open !== undefined) return;
      open = commit(last);
      last = open;
      last.catch(() => undefined);
    },
    flushed: () => last,
    unsaved: () => [...leaving, ...tasks],
  };
}

function storeError(cause: unknown): PoolError {
  const message = 'Expected the store to take a commit, got an error. Nothing more is started.';
  return cause instanceof PoolError ? cause : new PoolError('STORE', message, { cause });
}
