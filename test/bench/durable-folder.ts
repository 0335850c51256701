import { randomUUID } from 'node:crypto';
import { openTask } from '../../machines/task.ts';
import { formats } from '../../src/durable/formats.ts';
import type { Kept } from '../../src/durable/kept.ts';
import { sqliteStore } from '../../src/store/sqlite-store.ts';

export const PROMPT = 'the same prompt for all';

const BATCH = 2_000;

/** Fills a folder with tasks as a pool keeps them. */
export async function fillFolder(
  stateDir: string,
  { pending, finished }: { readonly pending: number; readonly finished: number },
): Promise<void> {
  const store = sqliteStore<Kept>({ stateDir, formats, keepFinished: finished + 1, synchronous: 'normal' });
  const at = Date.now();
  for (let start = 0; start < pending + finished; start += BATCH) {
    const tasks = Array.from({ length: Math.min(BATCH, pending + finished - start) }, (_, index) => {
      const seq = start + index + 1;
      const context = openTask({
        id: `task-${randomUUID()}`,
        prompt: PROMPT,
        options: {},
        seq,
        submittedAt: at,
      });
      const place = { id: context.id, seq, priority: 0, updatedAt: at };
      return seq <= finished
        ? { ...place, state: 'completed' as const, data: { state: 'completed' as const, context } }
        : {
            ...place,
            isPlain: true,
            state: 'pending' as const,
            data: { state: 'pending' as const, wait: 'ready' as const, context },
          };
    });
    await store.commit({ tasks, chains: [], events: [] });
  }
  await store.close();
}
