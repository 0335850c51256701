import { isEnded } from '../machines/directory.ts';
import type { TaskView } from '../machines/directory.ts';
import { PoolError } from './errors.ts';

export interface Waiters {
  /** Resolves with the task once it has ended durably. Rejects with the signal's reason, or `TIMEOUT`. */
  ended(
    taskId: string,
    options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number | undefined },
  ): Promise<TaskView>;
  /** Takes tasks that have just become durable. */
  settle(tasks: readonly TaskView[]): void;
  /** Nothing will end any more. */
  failAll(error: unknown): void;
}

interface Waiter {
  readonly resolve: (task: TaskView) => void;
  readonly reject: (error: unknown) => void;
}

/** Who waits for the end of which task. */
export function waiters(): Waiters {
  const byTask = new Map<string, Set<Waiter>>();

  function join(taskId: string, waiter: Waiter): () => void {
    const group = byTask.get(taskId) ?? new Set();
    byTask.set(taskId, group.add(waiter));
    return () => {
      group.delete(waiter);
      if (group.size === 0) byTask.delete(taskId);
    };
  }

  return {
    ended(taskId, { signal, timeoutMs }) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs);
        const leave = join(taskId, {
          resolve: (task) => finish(() => resolve(task)),
          reject: (error) => finish(() => reject(error)),
        });
        signal?.addEventListener('abort', abort, { once: true });

        function finish(answer: () => void): void {
          leave();
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
          answer();
        }
        function abort(): void {
          finish(() => reject(signal?.reason));
        }
        function expire(): void {
          const message = `Expected task \`${taskId}\` to end within ${timeoutMs} ms; it goes on. Wait again, or cancel it.`;
          finish(() => reject(new PoolError('TIMEOUT', message, { taskId })));
        }
      });
    },
    settle(tasks) {
      for (const task of tasks) {
        if (!isEnded(task.state)) continue;
        for (const waiter of byTask.get(task.context.id) ?? []) waiter.resolve(task);
      }
    },
    failAll(error) {
      for (const waiter of [...byTask.values()].flatMap((group) => [...group])) waiter.reject(error);
    },
  };
}
