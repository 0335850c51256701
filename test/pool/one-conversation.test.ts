import { expect, test } from 'vitest';
import { poolStage } from '../machines/pool-stage.ts';
import { EMPTY, fakeWitness } from './witness.ts';

test('tasks that resume one conversation run one after the other, though slots are idle', async () => {
  await using stage = await fakeWitness(
    { rules: [{ when: 'slow', answers: [{ text: 'ok', delayMs: 50 }] }] },
    { slots: 3 },
  );
  const { pool } = stage;
  const { sessionId = '' } = await pool.run('begin');

  const prompts = ['slow 1', 'slow 2', 'slow 3'];
  const outcomes = await pool.fanOut(prompts, { session: { resume: sessionId } });

  const heard = stage.prompts();
  expect(outcomes.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
  expect(heard.map(({ remembered }) => remembered)).toEqual([
    [],
    ['begin'],
    ['begin', 'slow 1'],
    ['begin', 'slow 1', 'slow 2'],
  ]);
  expect(new Set(heard.map(({ pid }) => pid)).size).toBe(1);
});

test('a conversation that no process holds is opened by one process for all who resume it', async () => {
  await using stage = await fakeWitness(
    { rules: [{ when: 'slow', answers: [{ text: 'ok', delayMs: 50 }] }] },
    { slots: 2, session: 'fresh' },
  );
  const { pool } = stage;
  const { sessionId = '' } = await pool.run('begin', { slot: { id: 'slot-0' } });
  await pool.run('something else', { slot: { id: 'slot-0' } });

  const outcomes = await pool.fanOut(['slow 1', 'slow 2'], { session: { resume: sessionId } });

  expect(outcomes.map(({ status }) => status)).toEqual(['completed', 'completed']);
  const [, , first, second] = stage.prompts();
  expect(second).toMatchObject({ pid: first?.pid, remembered: ['begin', 'slow 1'] });
});

test('a conversation goes on wherever there is room when its slot was cancelled on the way to a new process', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 2 });
  const { pool } = stage;
  const slot = { id: 'slot-0' };
  const { sessionId = '' } = await pool.run('begin', { slot });
  const special = await pool.submit('special', { slot, allowedTools: ['Read'] });
  await stage.event(({ type }) => type === 'slot.recycling');
  const { seq } = stage.events.at(-1) ?? { seq: 0 };
  await pool.cancel(special);
  await stage.event((event) => event.type === 'slot.idle' && event.seq > seq);

  const resumed = await pool.run('again', { session: { resume: sessionId } });

  expect(resumed).toMatchObject({ output: 'echo: again', sessionId });
  expect(stage.prompts().at(-1)?.remembered).toEqual(['begin']);
});

test('a conversation is not opened elsewhere before the slot that leaves with it is gone', () => {
  const { submit, settle, actor, running } = poolStage({ slots: [{}, { name: 'ada' }] });
  const resume = { session: { resume: 'session-a' } };
  submit('a');
  settle('a');
  submit('b', resume);
  submit('c');
  actor.send({ type: 'pool.scale', slots: 1, at: 0 });
  actor.send({ type: 'pool.scale', slots: 2, at: 0 });

  submit('d', resume);
  const before = running();
  settle('b');

  expect([before, running()]).toEqual([
    ['b', 'c'],
    ['c', 'd'],
  ]);
});

test('a conversation that failed is not opened elsewhere before its process is rid of it', async () => {
  await using stage = await fakeWitness(
    { rules: [{ when: 'bad', answers: [{ status: 400 }] }] },
    { slots: 2 },
  );
  const { pool } = stage;
  const { sessionId = '' } = await pool.run('begin', { slot: { id: 'slot-0' } });
  const session = { resume: sessionId };

  const [, after] = await pool.fanOut(['bad', 'after'], { session, retries: 0 });

  const clearing = stage.events.find((event) => event.type === 'slot.recycling' && event.slotId === 'slot-0');
  expect(after).toMatchObject({ status: 'completed', result: { output: 'echo: after' } });
  const started = stage.events.find(
    (event) => event.type === 'task.running' && event.taskId === after?.taskId,
  );
  expect(started?.seq).toBeGreaterThan(clearing?.seq ?? Infinity);
});

test('a task gets its conversation on the slot that it asks for, though another slot is in it', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 2 });
  const { pool } = stage;
  const { sessionId = '' } = await pool.run('begin', { slot: { id: 'slot-0' } });

  const moved = await pool.run('moved', { slot: { id: 'slot-1' }, session: { resume: sessionId } });

  expect(moved).toMatchObject({ slotId: 'slot-1', sessionId });
  expect(stage.prompts().at(-1)?.remembered).toEqual(['begin']);
});
