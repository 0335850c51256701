import type { Pool } from '../../index.ts';

const KEPT_CHARACTERS = 200;

/** Follows what the running tasks write. Gives the end of a task's text, on one line. */
export function lastWords(pool: Pool): (taskId: string) => string {
  const words = new Map<string, string>();

  async function follow(taskId: string): Promise<void> {
    words.set(taskId, '');
    for await (const piece of pool.output(taskId)) {
      words.set(taskId, `${words.get(taskId) ?? ''}${piece}`.slice(-KEPT_CHARACTERS));
    }
  }

  pool.on('event', (event) => {
    if (event.type === 'task.running' && !words.has(event.taskId)) void follow(event.taskId);
  });
  return (taskId) => (words.get(taskId) ?? '').replaceAll(/\s+/g, ' ').trim();
}
