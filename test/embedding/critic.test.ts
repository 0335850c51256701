import { expect, test } from 'vitest';
import { hireCritic } from '../../docs/examples/critic.ts';
import { inspectionFeed } from '../../src/inspector/inspection-feed.ts';
import { eventOf, fakePool } from '../pool/stage.ts';

const SCRIPT = { rules: [{ when: 'weakest', answers: [{ text: 'It is too short.' }] }] } as const;

test('an actor of your own in the system of the pool answers tasks with tasks', async () => {
  const feed = inspectionFeed();
  await using stage = await fakePool(SCRIPT, { slots: 1, inspect: feed.observe });
  const { pool } = stage;
  hireCritic(pool);

  const { taskId } = await pool.run('Say hi.');
  await eventOf(stage, (event) => event.type === 'task.completed' && event.taskId !== taskId);
  const [critique, ...others] = pool.tasks({ tag: taskId });

  expect([critique?.result?.output, others]).toEqual(['It is too short.', []]);
  expect(critique?.prompt).toBe('Name the weakest point of this answer to "Say hi.":\necho: Say hi.');
  expect(feed.recent()).toContainEqual(
    expect.objectContaining({ type: 'actor', name: 'critic', parent: 'pool' }),
  );
});
