import { expect, test } from 'vitest';
import type { Pool } from '../../src/api.ts';
import { POOL_INPUT, poolStage } from '../machines/pool-stage.ts';
import { EMPTY, fakeWitness, HANG, realWitness } from './witness.ts';
import type { RealWitness } from './witness.ts';

test('a slot that is configured keeps what is not given, and is found by what it is', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: [{ name: 'ada', role: 'reviewer' }, {}] });
  const { pool } = stage;

  const status = pool.configureSlot('slot-0', { role: 'tester', description: 'You doubt everything.' });

  expect(status).toMatchObject({ name: 'ada', role: 'tester', description: 'You doubt everything.' });
  expect(pool.findSlots({ role: 'tester' }).map(({ id }) => id)).toEqual(['slot-0']);
  expect(pool.findSlots({ name: 'ada', role: 'reviewer' })).toEqual([]);
  expect(pool.findSlots({ state: 'failed' })).toEqual([]);
  expect(pool.findSlots().map(({ id }) => id)).toEqual(['slot-0', 'slot-1']);
});

test('a slot that is not there cannot be configured, and a task that asks for it fails at once', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const { pool } = stage;

  const run = pool.run('hello', { slot: { id: 'slot-9' } });

  await expect(run).rejects.toMatchObject({ code: 'NO_SLOTS_AVAILABLE' });
  expect(() => pool.configureSlot('slot-9', { name: 'ada' })).toThrow(
    expect.objectContaining({
      code: 'SLOT_NOT_FOUND',
      message: 'Expected the id of a slot (`slot-0`), got `slot-9`.',
    }),
  );
});

test.each([{ slot: { id: 'slot-1' } }, { slot: { name: 'ada' } }, { slot: { role: 'reviewer' } }])(
  'a task with the wish $slot waits for its slot though another is idle',
  async ({ slot }) => {
    await using stage = await fakeWitness(
      { rules: [HANG] },
      { slots: [{}, { name: 'ada', role: 'reviewer' }] },
    );
    const { pool } = stage;
    const hanging = await pool.submit('hang', { slot: { id: 'slot-1' } });
    const id = await pool.submit('mine', { slot });
    const { slotId: other } = await pool.run('any');
    const before = pool.task(id);

    await pool.cancel(hanging);
    const result = await pool.wait(id);

    expect([other, before.wait, result.slotId]).toEqual(['slot-0', 'ready', 'slot-1']);
  },
);

test('a task that asks for a name waits until a slot gets it', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 2 });
  const { pool } = stage;
  const id = await pool.submit('hello', { slot: { name: 'ada' } });
  await pool.run('any');
  const before = pool.task(id);

  pool.configureSlot('slot-1', { name: 'ada' });

  expect(before).toMatchObject({ state: 'pending', wait: 'ready' });
  expect(await pool.wait(id)).toMatchObject({ slotId: 'slot-1' });
});

test('a slot that gets the name which the probe of a parked pool asks for is probed at once', () => {
  const { submit, settle, actor, clock, running } = poolStage({ slots: [{}, {}], limitBackoffMs: 5_000 });
  submit('a');
  settle('a', { interruption: 'rateLimited', resetsAt: 100_000 });
  actor.send({ type: 'task.tell', taskId: 'a', at: 0, event: CANCEL });
  submit('b', { slot: { name: 'ada' } });
  clock.increment(100_000);
  const before = running();

  actor.send({ type: 'slot.configure', slotId: 'slot-1', identity: { name: 'ada' }, at: 100_000 });

  expect([before, running()]).toEqual([[], ['b']]);
});

test.each([{ slot: { id: 'slot-1' } }, { slot: { name: 'ada' } }, { slot: { role: 'reviewer' } }])(
  'a task with the wish $slot fails at once when the last slot that serves it is lost or leaves',
  ({ slot }) => {
    const ends = ['crash', 'scale'].map((end) => {
      const { submit, crash, actor, task, context } = poolStage({
        slots: [{}, { name: 'ada', role: 'reviewer' }],
        slotPolicy: { ...POOL_INPUT.slotPolicy, maxRestarts: 0 },
      });
      submit('running', { slot: { id: 'slot-1' } });
      submit('waiting', { slot });
      submit('other', { slot: { id: 'slot-0' } });
      submit('other too', { slot: { id: 'slot-0' } });

      if (end === 'crash') crash('slot-1');
      else for (const slots of [1, 2]) actor.send({ type: 'pool.scale', slots, at: 0 });

      return [task('waiting'), context('waiting')?.reason?.code, task('other too')];
    });

    expect(ends).toEqual([
      ['failed', 'NO_SLOTS_AVAILABLE', 'ready'],
      ['ready', undefined, 'failed'],
    ]);
  },
);

test('a task goes where its kind of settings is warm, else to the slot that has run the fewest', () => {
  const { submit, settle, context } = poolStage({ slots: [{}, {}, {}] });
  const settings = { allowedTools: ['Read'] };
  submit('special', { settings });
  settle('special');
  submit('plain');
  settle('plain');

  submit('special again', { settings });
  submit('plain again');
  submit('third');

  expect(
    ['special', 'plain', 'special again', 'plain again', 'third'].map((id) => context(id)?.slotId),
  ).toEqual(['slot-0', 'slot-1', 'slot-0', 'slot-2', 'slot-1']);
});

const SPOKEN = 'You are Ada. Your role: reviewer.\n\nBe brief.\n\n# Shared context\n- branch: main';
const CHANGED =
  'You are Grace. Your role: reviewer. You doubt everything.\n\nBe brief.\n\n# Shared context\n- ticket: 42';

test('identity, the prompt of the pool and the shared context reach the API with every task', async () => {
  await using stage = await spokenTo();
  const { pool } = stage;

  await pool.run('first');
  await pool.run('second');
  change(pool);
  await pool.run('third', { session: 'fresh' });

  expect([tailOf(stage, 'first'), tailOf(stage, 'second')]).toEqual([SPOKEN, SPOKEN]);
  expect(tailOf(stage, 'third')).toBe(CHANGED);
});

test('a change of identity or shared context reaches the API in the middle of a conversation', async () => {
  await using stage = await spokenTo();
  const { pool, api } = stage;
  await pool.run('first');

  change(pool);
  await pool.run('second');

  expect(JSON.stringify(api.requests.at(-1)?.messages)).toContain('echo: first');
  expect(tailOf(stage, 'second')).toBe(CHANGED);
});

test('the shared context is what was set last, and has only own keys', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const { pool } = stage;

  pool.contextSet('branch', 'main');
  pool.contextSet('branch', 'next');
  const deleted = [pool.contextDelete('branch'), pool.contextDelete('branch')];
  pool.contextSet('__proto__', 'odd');

  expect(deleted).toEqual([true, false]);
  expect([pool.contextGet('branch'), pool.contextGet('constructor'), pool.contextGet('__proto__')]).toEqual([
    undefined,
    undefined,
    'odd',
  ]);
  expect(Object.keys(pool.contextList())).toEqual(['__proto__']);
});

const CANCEL = { type: 'task.cancel', at: 0, reason: { code: 'CANCELLED', message: 'Enough.' } } as const;

async function spokenTo(): Promise<RealWitness> {
  const stage = await realWitness(EMPTY, {
    slots: [{ name: 'Ada', role: 'reviewer' }],
    appendSystemPrompt: 'Be brief.',
    model: 'claude-haiku-4-5',
  });
  stage.pool.contextSet('branch', 'main');
  return stage;
}

function change(pool: Pool): void {
  pool.configureSlot('slot-0', { name: 'Grace', description: 'You doubt everything.' });
  pool.contextDelete('branch');
  pool.contextSet('ticket', '42');
}

/** What the system prompt of that prompt's request ends with, from the identity on. */
function tailOf({ api }: RealWitness, prompt: string): string {
  const system = api.requests.find((request) => request.prompt === prompt)?.system.join('\n') ?? '';
  return system.slice(system.lastIndexOf('You are '));
}
