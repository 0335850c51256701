import type { Ledger } from '../machines/budget.ts';
import type { TaskView } from '../machines/directory.ts';
import { PoolError } from './errors.ts';
import type { PoolEvent } from './events.ts';
import type { Store } from './ports.ts';

export interface Journal {
  record(task: TaskView | undefined, event: PoolEvent): void;
  /** Resolves when all that was recorded so far is durable. Rejects with `STORE` when it cannot be. */
  flushed(): Promise<void>;
}

export interface JournalOptions {
  readonly store: Store;
  readonly ledger: () => Ledger;
  /** The tasks of a batch that has become durable. */
  readonly onDurable: (tasks: readonly TaskView[]) => void;
}

/** Groups what changes within one turn of the event loop into one commit. */
export function journal({ store, ledger, onDurable }: JournalOptions): Journal {
  let tasks: TaskView[] = [];
  let events: PoolEvent[] = [];
  let open: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  async function commit(previous: Promise<void>): Promise<void> {
    await previous;
    await new Promise((resolve) => setImmediate(resolve));
    const batch = { tasks, events, ledger: ledger() };
    tasks = [];
    events = [];
    open = undefined;
    await store.commit(batch).catch((cause: unknown) => {
      throw new PoolError(
        'STORE',
        'Expected the store to take a commit, got an error. Nothing more is started.',
        {
          cause,
        },
      );
    });
    onDurable(batch.tasks);
  }

  return {
    record(task, event) {
      if (task !== undefined) tasks.push(task);
      events.push(event);
      if (open !== undefined) return;
      open = commit(last);
      last = open;
      last.catch(() => undefined);
    },
    flushed: () => last,
  };
}
