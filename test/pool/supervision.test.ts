import { expect, test } from 'vitest';
import { poolStage } from '../machines/pool-stage.ts';
import { EMPTY, fakeWitness, HANG, idleSlots, realWitness } from './witness.ts';

const DEAD = { exit: { signal: 'SIGKILL' } } as const;
const WINDOW_MS = 600_000;

test('a slot restarts after a backoff that doubles, and fails at the crash after the last restart', () => {
  const { crash, slotState, clock, floor } = poolStage();
  const restarts = [1_000, 2_000].map((backoff) => {
    crash('slot-0');
    clock.increment(backoff - 1);
    const before = slotState('slot-0');
    clock.increment(1);
    return [before, slotState('slot-0')];
  });

  crash('slot-0');

  expect(restarts).toEqual([
    ['recovering', 'idle'],
    ['recovering', 'idle'],
  ]);
  expect(slotState('slot-0')).toBe('failed');
  expect(floor()).toMatchObject({ seats: [{ state: 'failed' }], failure: { message: 'Killed.' } });
});

test('crashes that are far apart are forgiven', () => {
  const { crash, slotState, clock } = poolStage();
  const states = Array.from({ length: 10 }, () => {
    crash('slot-0');
    clock.increment(WINDOW_MS / 2);
    return slotState('slot-0');
  });

  expect(states).toEqual(Array.from({ length: 10 }, () => 'idle'));
});

test('a task whose slot crashed is retried on another slot while its own recovers', () => {
  const { submit, settle, crash, running, context, slotState, clock } = poolStage({
    slots: [{}, {}],
    slotPolicy: {
      session: 'resume',
      maxRestarts: 2,
      restartWindowMs: WINDOW_MS,
      restartBackoffMs: 60_000,
      maxProcessTurns: 100,
    },
  });
  submit('a');
  settle('a', DEAD, 5);
  crash('slot-0');

  clock.increment(5_000);

  expect([running(), context('a')?.slotId, slotState('slot-0')]).toEqual([['a'], 'slot-1', 'recovering']);
  expect(context('a')).toMatchObject({ spend: 5, attempts: 1 });
});

test('a task whose retries are spent fails, its slot goes on', () => {
  const { submit, settle, crash, task, slotState, clock } = poolStage();
  submit('a', { retry: { retries: 0, backoffBaseMs: 1, backoffMaxMs: 1 } });
  settle('a', DEAD);
  crash('slot-0');

  clock.increment(1_000);

  expect([task('a'), slotState('slot-0')]).toEqual(['failed', 'idle']);
});

test('with no slot left, who waits fails at once, who backs off as soon as it wakes', () => {
  const { submit, crash, task, context, clock } = poolStage({
    slotPolicy: {
      session: 'resume',
      maxRestarts: 0,
      restartWindowMs: WINDOW_MS,
      restartBackoffMs: 1_000,
      maxProcessTurns: 100,
    },
  });
  submit('a');
  submit('b');
  crash('slot-0');
  const atOnce = [task('a'), task('b')];
  submit('c');
  clock.increment(5_000);

  expect(atOnce).toEqual(['backingOff', 'failed']);
  expect([task('a'), task('c')]).toEqual(['failed', 'failed']);
  for (const id of ['a', 'b', 'c']) {
    expect(context(id)?.reason).toEqual({
      code: 'NO_SLOTS_AVAILABLE',
      message: 'No slot is left that could run the task. Killed.',
    });
  }
});

test('a slot that crashes with every task fails with its reason, and nothing is left running', async () => {
  await using stage = await fakeWitness(
    { rules: [{ when: 'fatal', answers: [{ crash: 'midStream', exitCode: 3, stderr: 'out of memory' }] }] },
    { slots: 1, maxRestarts: 0 },
  );
  const { pool } = stage;
  const fatal = pool.run('fatal');
  await stage.event(({ type }) => type === 'slot.busy');
  const waiting = pool.run('waiting');

  const ends = await Promise.allSettled([fatal, waiting]);

  expect(ends).toMatchObject([
    { status: 'rejected', reason: { code: 'NO_SLOTS_AVAILABLE' } },
    { status: 'rejected', reason: { code: 'NO_SLOTS_AVAILABLE' } },
  ]);
  expect(pool.status().slots).toMatchObject([
    { state: 'failed', restarts: 0, reason: 'The process ended with exit code 3. out of memory' },
  ]);
  expect(stage.events.findLast(({ type }) => type === 'slot.failed')).toMatchObject({
    slotId: 'slot-0',
    reason: 'The process ended with exit code 3. out of memory',
  });
  expect(await stage.processes()).toEqual([]);
  await expect(pool.run('later')).rejects.toMatchObject({ code: 'NO_SLOTS_AVAILABLE' });
});

test('a process that is killed while its slot is idle is replaced, and the conversation with it', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const { pool } = stage;
  await pool.run('one');
  const [pid = 0] = await stage.processes();
  process.kill(pid, 'SIGKILL');
  await stage.event(({ type }) => type === 'slot.recovering');

  await pool.run('two');

  expect(stage.prompts().map(({ prompt, remembered }) => [prompt, remembered])).toEqual([
    ['one', []],
    ['two', []],
  ]);
  expect(pool.status().slots).toMatchObject([{ state: 'idle', restarts: 1 }]);
  expect(await stage.processes()).not.toContain(pid);
});

test('a real CLI that is killed in its turn costs an attempt, and its task runs again', async () => {
  await using stage = await realWitness(
    { rules: [{ when: 'wait', times: 1, answers: [{ silence: true }] }] },
    { slots: 1, model: 'claude-haiku-4-5' },
  );
  const { pool } = stage;
  const run = pool.run('wait for it');
  await expect.poll(() => stage.api.requests.length).toBe(1);
  for (const pid of await stage.processes()) process.kill(pid, 'SIGKILL');

  const result = await run;

  expect(result).toMatchObject({ output: 'echo: wait for it', attempts: 2 });
  expect(stage.events.flatMap(({ type }) => (type.startsWith('slot.') ? [type] : []))).toEqual([
    'slot.busy',
    'slot.recycling',
    'slot.recovering',
    'slot.starting',
    'slot.idle',
    'slot.busy',
    'slot.idle',
  ]);
});

test('a pool that drains while a slot recovers is done at once and leaves no process', async () => {
  await using stage = await fakeWitness({ rules: [HANG] }, { slots: 2 });
  const { pool } = stage;
  await idleSlots(pool, 2);
  for (const pid of await stage.processes()) process.kill(pid, 'SIGKILL');
  await stage.event(({ type }) => type === 'slot.recovering');

  const summary = await pool.drain();

  expect(summary).toMatchObject({ totalTasks: 0 });
  expect(await stage.processes()).toEqual([]);
});
