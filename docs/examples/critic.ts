import type { Pool, PoolEvent } from 'claude-pool';
import { createActor, fromCallback } from 'xstate';

/** Reads every answer of a pool and has another task name its weakest point. */
const critic = fromCallback<PoolEvent, { readonly pool: Pool }>(({ input: { pool }, receive }) => {
  receive((event) => {
    if (event.type !== 'task.completed') return;
    const { prompt, tags, result } = pool.task(event.taskId);
    if (tags.includes('critique')) return;
    const question = `Name the weakest point of this answer to "${prompt}":\n${result?.output ?? ''}`;
    pool.submit(question, { tags: ['critique', event.taskId], priority: -1 }).catch(console.error);
  });
});

/** The critic lives below the pool, in the same actor system: an inspector sees both. */
export function hireCritic(pool: Pool) {
  const actor = createActor(critic, { parent: pool.actor, id: 'critic', input: { pool } });
  pool.on('event', (event) => actor.send(event));
  return actor.start();
}
