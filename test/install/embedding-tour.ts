/** Uses each example of `docs/embedding.md` once, on the `claude` of the PATH. Run where the package is installed. */
import assert from 'node:assert/strict';
import { claudeDriver, createPool } from 'claude-pool';
import { waitFor } from 'xstate';
import { hireCritic } from '../../docs/examples/critic.ts';
import { taskServer } from '../../docs/examples/fastify-server.ts';
import { startRelease } from '../../docs/examples/own-machine.ts';
import { spreadDriver } from '../../docs/examples/spread-driver.ts';

const release = startRelease();
await waitFor(release, (snapshot) => snapshot.matches({ open: 'reviewing' }));
release.send({ type: 'release.accept' });
const { value, context } = await waitFor(release, ({ status }) => status === 'done');
assert.equal(value, 'published');
assert.match(context.notes, /Draft the release notes/);

const pool = await createPool({ slots: 2, driver: spreadDriver([claudeDriver(), claudeDriver()]) });
hireCritic(pool);
const critique = new Promise<void>((resolve) => {
  pool.on('task.completed', ({ taskId }) => {
    if (pool.task(taskId).tags.includes('critique')) resolve();
  });
});
const server = taskServer(pool);
const accepted = await server.inject({ method: 'POST', url: '/tasks', payload: { prompt: 'Say hello.' } });
assert.equal(accepted.statusCode, 202);
const { id } = accepted.json<{ id: string }>();
const text = await server.inject(`/tasks/${id}/text`);
assert.equal(text.body, 'echo: Say hello.');
await critique;
await server.close();
assert.equal(pool.status().state, 'drained');
