import type { Pool, PoolStatus } from '../../index.ts';

const KEPT_CHARACTERS = 500;

/** What the running tasks write. */
export interface LastWords {
  /** The end of a task's text. */
  of(taskId: string): string;
}

/** Follows the text of all tasks that run, until the signal is aborted or the pool has ended. */
export function lastWords(
  pool: Pool,
  { signal, onChange }: { readonly signal: AbortSignal; readonly onChange: () => void },
): LastWords {
  const words = new Map<string, string>();

  async function follow(taskId: string): Promise<void> {
    if (words.has(taskId)) return;
    words.set(taskId, '');
    for await (const piece of pool.output(taskId, { signal })) {
      words.set(taskId, `${words.get(taskId) ?? ''}${piece}`.slice(-KEPT_CHARACTERS));
      onChange();
    }
    words.delete(taskId);
  }

  function begin(taskId: string): void {
    // It only ever ends early when nobody looks any more.
    follow(taskId).catch(() => undefined);
  }

  runningIn(pool.status()).forEach(begin);
  const stop = pool.on('task.running', ({ taskId }) => begin(taskId));
  signal.addEventListener('abort', stop, { once: true });
  return { of: (taskId) => words.get(taskId) ?? '' };
}

/** The tasks on slots. */
export function runningIn({ slots }: PoolStatus): readonly string[] {
  return slots.flatMap(({ taskId }) => taskId ?? []);
}
