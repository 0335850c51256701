import { expect, test } from 'vitest';
import { taskServer } from '../../docs/examples/fastify-server.ts';
import { fakePool } from '../pool/stage.ts';

const SCRIPT = {
  rules: [
    { when: 'haiku', answers: [{ text: ['Tasks wait ', 'in a row.'] }] },
    { when: 'hang', answers: [{ silence: true }] },
  ],
} as const;

test('a server takes tasks, streams their text, and tells their results', async () => {
  await using stage = await fakePool(SCRIPT, { slots: 1 });
  await using server = taskServer(stage.pool);

  const accepted = await server.inject({ method: 'POST', url: '/tasks', payload: { prompt: 'a haiku' } });
  const { location = '' } = accepted.headers;
  const text = await server.inject(`${location}/text`);
  await stage.pool.wait(accepted.json().id);
  const task = await server.inject(location);

  expect([accepted.statusCode, text.body]).toEqual([202, 'Tasks wait in a row.']);
  expect(task.json()).toMatchObject({ state: 'completed', result: { output: 'Tasks wait in a row.' } });
});

test('what a pool refuses is told with its code', async () => {
  await using stage = await fakePool(SCRIPT, { slots: 1 });
  await using server = taskServer(stage.pool);
  const running = await stage.pool.submit('hang');

  const answers = [
    await server.inject({ method: 'POST', url: '/tasks', payload: { prompt: '' } }),
    await server.inject('/tasks/task-0'),
    await server.inject('/tasks/task-0/text'),
    await server.inject({ method: 'DELETE', url: `/tasks/${running}` }),
  ];

  expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 404, 404, 204]);
  expect(answers[1]?.json()).toMatchObject({ code: 'TASK_NOT_FOUND' });
});

test('closing the server drains the pool and leaves no process', async () => {
  await using stage = await fakePool(SCRIPT, { slots: 1 });
  const server = taskServer(stage.pool);

  await server.close();
  const late = stage.pool.submit('hello');

  await expect(late).rejects.toMatchObject({ code: 'POOL_CLOSED' });
  expect(await stage.processes()).toEqual([]);
});
