import { expect, test } from 'vitest';
import type { FakeApi } from '../../src/testing/fake-api.ts';
import { EMPTY, fakeWitness, realWitness } from './witness.ts';
import type { FakeWitness } from './witness.ts';

const STEPS = ['one', 'two', 'three'].map((name) => ({ name, prompt: `step ${name}` }));
const SLOW = { when: 'slow', answers: [{ text: 'slow', delayMs: 150 }] };
const BAD = { when: 'bad', times: 1, answers: [{ status: 400 }] } as const;

test('the steps of a chain share one slot and its conversation, with a full queue before and behind', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const { pool } = stage;

  const before = pool.fanOut(fiveFrom(0));
  const chain = pool.runChain(STEPS);
  const behind = pool.fanOut(fiveFrom(5));
  await Promise.all([before, chain, behind]);

  const heard = stage.prompts();
  expect(heard.map(({ prompt }) => prompt)).toEqual([
    ...fiveFrom(0),
    'step one',
    'step two',
    'step three',
    ...fiveFrom(5),
  ]);
  expect(rememberedBy(stage, 'step')).toEqual([[], ['step one'], ['step one', 'step two']]);
  expect(new Set(heard.slice(5, 8).map(({ sessionId }) => sessionId)).size).toBe(1);
});

test('chains beside each other keep to a slot each', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 2 });
  const { pool } = stage;

  const chains = await pool.fanOutChains(
    ['a', 'b', 'c', 'd'].map((chain) => ['1', '2', '3'].map((name) => ({ name, prompt: `${chain}${name}` }))),
  );

  for (const { steps } of chains) {
    const slots = steps.map(({ taskIds }) => pool.task(taskIds[0] ?? '').slotId);
    expect(new Set(slots).size).toBe(1);
  }
  for (const chain of ['a', 'b', 'c', 'd'])
    expect(rememberedBy(stage, chain)).toEqual([[], [`${chain}1`], [`${chain}1`, `${chain}2`]]);
});

test('the steps of a chain with fresh sessions know nothing of each other', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });

  await stage.pool.runChain(STEPS, { session: 'fresh' });

  expect(rememberedBy(stage, 'step')).toEqual([[], [], []]);
});

test('a step’s own session wins over that of its chain', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  await stage.pool.runChain([
    { name: 'one', prompt: 'step one' },
    { name: 'two', prompt: 'step two', options: { session: 'fresh' } },
    { name: 'three', prompt: 'step three' },
  ]);

  expect(rememberedBy(stage, 'step')).toEqual([[], [], ['step two']]);
});

test('nothing that a slot has talked of before gets into a chain', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const { pool } = stage;
  await pool.run('a secret');

  await pool.runChain(STEPS);
  await pool.runChain([{ name: 'other', prompt: 'another chain' }]);

  expect(rememberedBy(stage, 'step')).toEqual([[], ['step one'], ['step one', 'step two']]);
  expect(rememberedBy(stage, 'another')).toEqual([[]]);
});

test('a more urgent task may come between two steps, and the next step then starts clean', async () => {
  await using stage = await fakeWitness({ rules: [SLOW] }, { slots: 1 });
  const { pool } = stage;

  const run = pool.runChain([{ name: 'slow', prompt: 'slow' }, ...STEPS]);
  await stage.event(({ type }) => type === 'slot.busy');
  await pool.run('a secret, and urgent', { priority: 9 });
  await run;

  expect(stage.prompts().map(({ prompt, remembered }) => [prompt, remembered])).toEqual([
    ['slow', []],
    ['a secret, and urgent', ['slow']],
    ['step one', []],
    ['step two', ['step one']],
    ['step three', ['step one', 'step two']],
  ]);
});

test('retries, recoveries, groups and what follows a group start clean', async () => {
  await using stage = await fakeWitness({ rules: [{ ...BAD, times: 2 }] }, { slots: 1 });

  await stage.pool.runChain([
    { name: 'one', prompt: 'one' },
    { name: 'two', prompt: 'bad', retries: 1, recoveryPrompt: 'undo' },
    { name: 'three', prompt: 'three' },
    {
      parallel: [
        { name: 'left', prompt: 'left' },
        { name: 'right', prompt: 'right' },
      ],
    },
    { name: 'four', prompt: 'four' },
    { name: 'five', prompt: 'five' },
  ]);

  expect(stage.prompts().map(({ prompt, remembered }) => [prompt, remembered])).toEqual([
    ['one', []],
    ['bad', ['one']],
    ['bad', []],
    ['undo', []],
    ['three', ['undo']],
    ['left', []],
    ['right', []],
    ['four', []],
    ['five', ['four']],
  ]);
});

test('a step with another model stays in the process, one with other tools in the conversation', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1, model: 'claude-haiku-4-5' });

  await stage.pool.runChain([
    { name: 'one', prompt: 'step one' },
    { name: 'two', prompt: 'step two', options: { model: 'claude-sonnet-5' } },
    { name: 'three', prompt: 'step three', options: { allowedTools: ['Read'] } },
  ]);

  const [one, two, three] = stage.prompts();
  expect(rememberedBy(stage, 'step')).toEqual([[], ['step one'], ['step one', 'step two']]);
  expect([one?.model, two?.model, three?.model]).toEqual([
    'claude-haiku-4-5',
    'claude-sonnet-5',
    'claude-haiku-4-5',
  ]);
  expect(two?.pid).toBe(one?.pid);
  expect(three?.pid).not.toBe(one?.pid);
});

test('an ordinary task after a chain runs at the first try, however the chain ended (B6)', async () => {
  await using stage = await fakeWitness(
    { rules: [{ when: 'bad', answers: [{ status: 400 }] }] },
    { slots: 1 },
  );
  const { pool } = stage;
  const ends = [
    { name: 'good', prompt: 'good' },
    { name: 'other', prompt: 'other', options: { allowedTools: ['Read'] } },
    { name: 'fresh', prompt: 'fresh', options: { session: 'fresh' } },
    { name: 'bad', prompt: 'bad' },
  ] as const;

  for (const last of ends) {
    await pool.runChain([{ name: 'first', prompt: 'first' }, last]);
    expect(await pool.run('and now?')).toMatchObject({ output: 'echo: and now?', attempts: 1 });
  }
});

test('on the real CLI a step sends what the step before said, behind the same cached prefix', async () => {
  await using stage = await realWitness(EMPTY, { slots: 1, model: 'claude-haiku-4-5' });
  await stage.pool.run('a secret');

  const chain = await stage.pool.runChain(STEPS);

  expect(chain.state).toBe('completed');
  const [one, two, three] = ['step one', 'step two', 'step three'].map((prompt) =>
    stage.api.requests.find((request) => request.prompt === prompt),
  );
  expect(textsOf(one)).toEqual(['user: step one']);
  expect(textsOf(two)).toEqual(['user: step one', 'assistant: echo: step one', 'user: step two']);
  expect(textsOf(three)).toHaveLength(5);
  expect(two?.system).toEqual(one?.system);
  expect(two?.tools).toEqual(one?.tools);
  expect(saidIn(two).slice(0, saidIn(one).length)).toEqual(saidIn(one));
  expect(two?.messages.at(-1)?.content.at(-1)).toMatchObject({ cache_control: { type: 'ephemeral' } });
});

function fiveFrom(first: number): readonly string[] {
  return Array.from({ length: 5 }, (_, index) => `task ${first + index}`);
}

function rememberedBy(stage: FakeWitness, start: string): readonly (readonly string[])[] {
  return stage
    .prompts()
    .filter(({ prompt }) => prompt.startsWith(start))
    .map(({ remembered }) => remembered);
}

type Asked = FakeApi['requests'][number] | undefined;

/** All blocks that were sent, wherever the mark of the cache stood. */
function saidIn(asked: Asked): readonly unknown[] {
  return (asked?.messages ?? []).map(({ role, content }) => [
    role,
    content.map(({ cache_control: _mark, ...block }) => block),
  ]);
}

/** What was said, without what the CLI adds of its own. */
function textsOf(asked: Asked): readonly string[] {
  return (asked?.messages ?? []).flatMap(({ role, content }) =>
    content.flatMap(({ text = '' }) => (text === '' || text.startsWith('<') ? [] : [`${role}: ${text}`])),
  );
}
