import { expect, test } from 'vitest';
import type { PoolOptions } from '../../src/api.ts';
import { EMPTY, fakeWitness, HANG, realWitness } from './witness.ts';
import type { FakeWitness } from './witness.ts';

test.each([
  { session: undefined, remembered: [[], ['one'], ['one', 'two']] },
  { session: 'resume', remembered: [[], ['one'], ['one', 'two']] },
  { session: 'fresh', remembered: [[], [], []] },
] as const)('with the session $session a slot remembers $remembered', async ({ session, remembered }) => {
  await using stage = await oneSlot(session === undefined ? {} : { session });

  for (const prompt of ['one', 'two', 'three']) await stage.pool.run(prompt);

  expect(stage.prompts().map((heard) => heard.remembered)).toEqual(remembered);
  expect(new Set(stage.prompts().map(({ pid }) => pid)).size).toBe(1);
});

test('a task says for itself what it continues', async () => {
  await using stage = await oneSlot({});
  const { pool } = stage;

  const one = await pool.run('one');
  const two = await pool.run('two', { session: 'fresh' });
  const three = await pool.run('three');
  const four = await pool.run('four', { session: { resume: one.sessionId ?? '' } });
  const five = await pool.run('five', { session: { fork: two.sessionId ?? '' } });
  const six = await pool.run('six', { session: { resume: two.sessionId ?? '' } });

  expect(stage.prompts().map(({ remembered }) => remembered)).toEqual([
    [],
    [],
    ['two'],
    ['one'],
    ['two', 'three'],
    ['two', 'three'],
  ]);
  expect([three.sessionId, four.sessionId, six.sessionId]).toEqual([
    two.sessionId,
    one.sessionId,
    two.sessionId,
  ]);
  expect([one.sessionId, two.sessionId]).not.toContain(five.sessionId);
});

test('fresh, resumed and forked conversations are what the API gets from the real CLI', async () => {
  await using stage = await realWitness(EMPTY, { slots: 1, model: 'claude-haiku-4-5' });
  const { pool, api } = stage;

  const one = await pool.run('one');
  const two = await pool.run('two', { session: 'fresh' });
  const three = await pool.run('three', { session: { resume: one.sessionId ?? '' } });
  const four = await pool.run('four', { session: { fork: one.sessionId ?? '' } });
  await pool.run('five');

  const remembered = api.requests.map(({ messages }) => {
    const history = JSON.stringify(messages.slice(0, -1));
    return ['one', 'two', 'three', 'four'].filter((prompt) => history.includes(`echo: ${prompt}`));
  });
  expect(remembered).toEqual([[], [], ['one'], ['one', 'three'], ['one', 'three', 'four']]);
  expect(three.sessionId).toBe(one.sessionId);
  expect(new Set([one, two, four].map(({ sessionId }) => sessionId)).size).toBe(3);
});

test.each([
  { limit: 'maxSessionTasks', options: { maxSessionTasks: 2 } },
  { limit: 'maxSessionTokens', options: { maxSessionTokens: 150 } },
])('a conversation that has passed $limit is given up for a new one', async ({ options }) => {
  const usage = { inputTokens: 100 };
  await using stage = await oneSlot(options, [
    { when: 'two', answers: [{ text: 'ok', usage: { inputTokens: 200 } }] },
    { when: '', answers: [{ text: 'ok', usage }] },
  ]);

  for (const prompt of ['one', 'two', 'three', 'four']) await stage.pool.run(prompt);

  expect(stage.prompts().map(({ remembered }) => remembered)).toEqual([[], ['one'], [], ['three']]);
});

test.each([
  { end: 'is refused', answers: [{ status: 400 }] as const },
  { end: 'crashes', answers: [{ crash: 'midStream' }] as const },
])(
  'B5: a conversation whose task $end is dropped, and later tasks succeed without it',
  async ({ answers }) => {
    await using stage = await oneSlot({ retries: 0 }, [{ when: 'bad', answers }]);
    const { pool } = stage;
    await pool.run('one');
    await pool.run('bad').catch(() => undefined);

    const after = await pool.run('after');

    expect(stage.prompts().map(({ prompt, remembered }) => [prompt, remembered])).toEqual([
      ['one', []],
      ['bad', ['one']],
      ['after', []],
    ]);
    expect(after.output).toBe('echo: after');
  },
);

test('B5: a conversation that is unknown fails the task that asks for it, and no other', async () => {
  await using stage = await oneSlot({});
  const { pool } = stage;

  const lost = pool.run('lost', { session: { resume: '00000000-0000-4000-8000-000000000000' } });

  await expect(lost).rejects.toMatchObject({ code: 'TASK_FAILED', verdict: 'invalidRequest' });
  expect(await pool.run('next')).toMatchObject({ output: 'echo: next', slotId: 'slot-0' });
  expect(pool.status().slots).toMatchObject([{ state: 'idle', restarts: 0 }]);
});

test('a cancelled task leaves no trace in the conversations after it', async () => {
  await using stage = await oneSlot({}, [HANG]);
  const { pool } = stage;
  await pool.run('one');
  const id = await pool.submit('hang');
  await stage.event((event) => event.type === 'slot.busy' && event.taskId === id);
  await pool.cancel(id);

  await pool.run('after');

  expect(stage.prompts().at(-1)).toMatchObject({ prompt: 'after', remembered: [] });
});

function oneSlot(
  options: PoolOptions,
  rules: Parameters<typeof fakeWitness>[0]['rules'] = [],
): Promise<FakeWitness> {
  return fakeWitness({ rules }, { slots: 1, ...options });
}
