import { PoolError } from './errors.ts';

/** A task or a chain as one sees it from outside. */
interface Work {
  readonly context: { readonly id: string };
}

export interface Waiters<View extends Work> {
  /** Resolves with the task or chain once it has ended durably. Rejects with the signal's reason, or `TIMEOUT`. */
  ended(id: string, options: WaitOptions): Promise<View>;
  /** Takes what has just become durable. */
  settle(views: readonly View[]): void;
  /** That one will not end: who waits for it gets the error. */
  fail(id: string, error: unknown): void;
  /** Nothing will end any more: who waits gets the error, and who comes later. */
  failAll(error: unknown): void;
}

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

interface Waiter<View> {
  readonly resolve: (view: View) => void;
  readonly reject: (error: unknown) => void;
}

/** Who waits for the end of what. */
export function waiters<View extends Work>({
  noun,
  hasEnded,
}: {
  readonly noun: 'task' | 'chain';
  readonly hasEnded: (view: View) => boolean;
}): Waiters<View> {
  const byId = new Map<string, Set<Waiter<View>>>();
  let over: { readonly error: unknown } | undefined;

  function join(id: string, waiter: Waiter<View>): () => void {
    const group = byId.get(id) ?? new Set();
    byId.set(id, group.add(waiter));
    return () => {
      group.delete(waiter);
      if (group.size === 0) byId.delete(id);
    };
  }

  return {
    ended(id, { signal, timeoutMs }) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        if (over !== undefined) throw over.error;
        const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs);
        const leave = join(id, {
          resolve: (view) => finish(() => resolve(view)),
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
          const message = `Expected ${noun} \`${id}\` to end within ${timeoutMs} ms; it goes on. Wait again, or cancel it.`;
          finish(() => reject(new PoolError('TIMEOUT', message, noun === 'task' ? { taskId: id } : {})));
        }
      });
    },
    settle(views) {
      for (const view of views) {
        if (!hasEnded(view)) continue;
        for (const waiter of byId.get(view.context.id) ?? []) waiter.resolve(view);
      }
    },
    fail(id, error) {
      for (const waiter of byId.get(id) ?? []) waiter.reject(error);
    },
    failAll(error) {
      over ??= { error };
      for (const waiter of [...byId.values()].flatMap((group) => [...group])) waiter.reject(error);
    },
  };
}
