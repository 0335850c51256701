import { readFile } from 'node:fs/promises';
import { createPool } from 'claude-pool';
import type { PoolEvent } from 'claude-pool';
import { expect, test } from 'vitest';
import { eventOf, fakePool, realPool } from './stage.ts';
import type { Stage } from './stage.ts';

const HANG = { when: 'hang', answers: [{ silence: true }] } as const;
const BAD = { when: 'bad', answers: [{ status: 400 }] } as const;

test('a prompt becomes a result with output, spend, tokens and verdict', async () => {
  await using stage = await fakePool({ rules: [{ when: 'sum', answers: [{ text: 'It is 42.' }] }] });

  const result = await stage.pool.run('What is the sum?', { model: 'claude-haiku-4-5' });

  expect(result).toMatchObject({
    output: 'It is 42.',
    verdict: 'succeeded',
    attempts: 1,
    turns: 1,
    spendEstimated: false,
    denials: [],
  });
  expect(result.spendUsd).toBeGreaterThan(0);
  expect(result.tokensUsed.input).toBeGreaterThan(0);
  expect(result.sessionId).toMatch(/^[0-9a-f-]{36}$/);
});

test('a fan-out gives one outcome a prompt, in order, failures included', async () => {
  await using stage = await fakePool({ rules: [BAD] }, { slots: 2 });

  const outcomes = await stage.pool.fanOut(['one', 'bad', { prompt: 'three', tags: ['last'] }]);

  expect(outcomes.map((outcome) => outcome.status)).toEqual(['completed', 'failed', 'completed']);
  expect(outcomes[0]).toMatchObject({ result: { output: 'echo: one' } });
  expect(outcomes[1]).toMatchObject({ error: { code: 'TASK_FAILED', verdict: 'invalidRequest' } });
  expect(outcomes[2]).toMatchObject({ result: { output: 'echo: three' } });
  expect(stage.pool.tasks({ tag: 'last' }).map(({ prompt }) => prompt)).toEqual(['three']);
});

test('a submitted task has no result until it has ended', async () => {
  await using stage = await fakePool({ rules: [] });

  const id = await stage.pool.submit('hello');
  const before = await stage.pool.result(id);
  const result = await stage.pool.wait(id);

  expect(before).toBeUndefined();
  expect(await stage.pool.result(id)).toEqual(result);
  expect(stage.pool.task(id)).toMatchObject({ id, state: 'completed', prompt: 'hello', result });
});

test('tasks of a higher priority run first, equal ones in the order of submission', async () => {
  await using stage = await fakePool({ rules: [] }, { slots: 1 });
  const { pool } = stage;

  const ids = await Promise.all([
    pool.submit('first'),
    pool.submit('low', { priority: -1 }),
    pool.submit('normal'),
    pool.submit('high', { priority: 5 }),
  ]);
  await Promise.all(ids.map((id) => pool.wait(id)));

  const started = stage.events.filter(({ type }) => type === 'task.running');
  const prompts = started.map((event) => ('taskId' in event ? pool.task(event.taskId ?? '').prompt : ''));
  expect(prompts).toEqual(['first', 'high', 'normal', 'low']);
});

test('the text of a running task can be followed piece by piece', async () => {
  await using stage = await fakePool({
    rules: [{ when: 'story', answers: [{ text: ['Once ', 'upon ', 'a time'], pieceDelayMs: 5 }] }],
  });

  const id = await stage.pool.submit('a story');
  const pieces: string[] = [];
  for await (const piece of stage.pool.output(id)) pieces.push(piece);

  expect(pieces.join('')).toBe('Once upon a time');
  expect(pieces.length).toBeGreaterThan(1);
});

test('texts before and after a tool use are lines of their own', async () => {
  const toolUse = { name: 'Bash', input: { command: 'true' } };
  const answers = [{ text: 'Looking.', toolUse }, { text: 'Done.' }];
  await using stage = await fakePool({ rules: [{ when: 'look', answers }] }, { allowedTools: ['Bash'] });

  const id = await stage.pool.submit('look');
  const pieces: string[] = [];
  for await (const piece of stage.pool.output(id)) pieces.push(piece);

  expect(pieces.join('')).toBe('Looking.\nDone.');
});

test('the events of a pool come numbered and in order', async () => {
  await using stage = await fakePool({ rules: [] }, { slots: 1 });
  const seen: PoolEvent[] = [];
  const reading = (async () => {
    for await (const event of stage.pool.events()) seen.push(event);
  })();

  await stage.pool.run('hello');
  await stage.pool.drain();
  await reading;

  const types = seen.map(({ type }) => type);
  expect(types.slice(0, 5)).toEqual([
    'task.submitted',
    'task.running',
    'slot.busy',
    'task.completed',
    'slot.idle',
  ]);
  expect(types).toContain('pool.drained');
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => (seen[0]?.seq ?? 0) + index));
});

test('the status of a pool shows its slots, its tasks and what it spent', async () => {
  await using stage = await fakePool(
    { rules: [] },
    { slots: [{ name: 'ada', role: 'reviewer' }], budgetUsd: 5 },
  );

  const { spendUsd } = await stage.pool.run('hello');

  expect(stage.pool.status()).toMatchObject({
    state: 'open',
    slots: [
      {
        id: 'slot-0',
        name: 'ada',
        role: 'reviewer',
        state: 'idle',
        activeTasks: 0,
        tasksCompleted: 1,
        spendUsd,
      },
    ],
    activeTasks: 0,
    pendingTasks: 0,
    completedTasks: 1,
    spendUsd,
    reservedUsd: 0,
    budgetUsd: 5,
    remainingUsd: 5 - spendUsd,
    limit: { state: 'clear' },
  });
});

test('a task that fails once for a reason that may pass is tried again', async () => {
  await using stage = await fakePool({
    rules: [
      { when: 'flaky', times: 1, answers: [{ crash: 'midStream' }] },
      { when: 'flaky', answers: [{ text: 'at last' }] },
    ],
  });

  const result = await stage.pool.run('flaky');

  expect(result).toMatchObject({ output: 'at last', attempts: 2 });
  const waits = stage.events.filter(({ type }) => type === 'task.backingOff');
  expect(waits).toMatchObject([{ verdict: 'crashed' }]);
});

test('cancelling a waiting task ends it without a process', async () => {
  await using stage = await fakePool({ rules: [HANG] }, { slots: 1 });
  const { pool } = stage;
  const running = await pool.submit('hang');
  const waiting = await pool.submit('later');

  const info = await pool.cancel(waiting);

  expect(info).toMatchObject({ state: 'cancelled', attempts: 0, spendUsd: 0 });
  await expect(pool.wait(waiting)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(pool.task(running).state).toBe('running');
});

test('cancelling twice, or after the end, changes nothing', async () => {
  await using stage = await fakePool({ rules: [HANG] });
  const { pool } = stage;
  const done = await pool.run('quick');
  const id = await pool.submit('hang');
  await eventOf(stage, (event) => event.type === 'slot.busy' && event.taskId === id);

  const [first, second] = await Promise.all([pool.cancel(id), pool.cancel(id)]);
  const third = await pool.cancel(done.taskId);

  expect(first).toMatchObject({ state: 'cancelled' });
  expect(second).toMatchObject({ state: 'cancelled' });
  expect(third).toMatchObject({ state: 'completed' });
  const ends = stage.events.filter((event) => event.type === 'task.cancelled');
  expect(ends).toHaveLength(1);
});

test('aborting a run cancels its task', async () => {
  await using stage = await fakePool({ rules: [HANG] });
  const abort = new AbortController();

  const run = stage.pool.run('hang', { signal: abort.signal });
  await eventOf(stage, ({ type }) => type === 'slot.busy');
  abort.abort();

  await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(stage.pool.status()).toMatchObject({ activeTasks: 0, cancelledTasks: 1 });
});

test('waiting has a bound and a signal, and neither touches the task', async () => {
  await using stage = await fakePool({ rules: [HANG] });
  const id = await stage.pool.submit('hang');
  const reason = new Error('enough');

  const [late, aborted] = await Promise.allSettled([
    stage.pool.wait(id, { timeoutMs: 20 }),
    stage.pool.wait(id, { signal: AbortSignal.abort(reason) }),
  ]);

  expect(late).toMatchObject({ reason: { code: 'TIMEOUT' } });
  expect(aborted).toMatchObject({ reason });
  expect(stage.pool.task(id).state).toBe('running');
});

test('a time limit ends an attempt that hangs', async () => {
  await using stage = await fakePool({ rules: [HANG] }, { retries: 0 });

  const run = stage.pool.run('hang', { timeoutMs: 100 });

  await expect(run).rejects.toMatchObject({ code: 'TASK_FAILED', verdict: 'hung' });
});

test('draining cancels what waits, lets the rest end, leaves no process, and is the same twice', async () => {
  await using stage = await fakePool(
    { rules: [{ when: 'slow', answers: [{ text: 'done', delayMs: 100 }] }] },
    { slots: 1 },
  );
  const { pool } = stage;
  const slow = await pool.submit('slow');
  const waiting = await pool.submit('never');

  const [first, second] = await Promise.all([pool.drain(), pool.drain()]);

  expect(first).toMatchObject({ totalTasks: 2, completedTasks: 1, cancelledTasks: 1, errorCount: 0 });
  expect(second).toEqual(first);
  expect(pool.task(slow).state).toBe('completed');
  expect(pool.task(waiting)).toMatchObject({ state: 'cancelled', error: { code: 'POOL_CLOSED' } });
  expect(pool.status().state).toBe('drained');
  expect(await stage.processes()).toEqual([]);
  await expect(pool.submit('too late')).rejects.toMatchObject({ code: 'POOL_CLOSED' });
});

test('a drain with a time limit cancels what still runs then', async () => {
  await using stage = await fakePool({ rules: [HANG] });
  const id = await stage.pool.submit('hang');

  const summary = await stage.pool.drain({ timeoutMs: 50 });

  expect(summary).toMatchObject({ cancelledTasks: 1 });
  expect(stage.pool.task(id).state).toBe('cancelled');
  expect(await stage.processes()).toEqual([]);
});

test('aborting the wait for a drain leaves the drain going', async () => {
  await using stage = await fakePool({ rules: [] });
  const reason = new Error('enough');

  const aborted = stage.pool.drain({ signal: AbortSignal.abort(reason) });

  await expect(aborted).rejects.toBe(reason);
  expect(await stage.pool.drain()).toMatchObject({ totalTasks: 0 });
});

test('a pool without identities, budget or options has two slots', async () => {
  await using stage = await fakePool({ rules: [] });

  expect(stage.pool.status().slots.map(({ id, state }) => [id, state])).toEqual([
    ['slot-0', expect.stringMatching(/idle|starting/)],
    ['slot-1', expect.stringMatching(/idle|starting/)],
  ]);
});

test('an aborted start leaves nothing behind', async () => {
  const abort = new AbortController();
  const reason = new Error('changed my mind');

  const start = createPool({ claude: { command: 'sleep', args: ['60'] }, signal: abort.signal });
  abort.abort(reason);

  await expect(start).rejects.toBe(reason);
});

for (const version of ['oldest', 'newest'] as const) {
  test(`the main job runs on the real CLI (${version}): fan-out, warm slots, exact spend`, async () => {
    await using stage = await realPool(version, { rules: [] }, { slots: 2, model: 'claude-haiku-4-5' });

    const outcomes = await stage.pool.fanOut(['one', 'two', 'three', 'four']);
    const summary = await stage.pool.drain();

    expect(outcomes.map((outcome) => outcome.status === 'completed' && outcome.result.output)).toEqual([
      'echo: one',
      'echo: two',
      'echo: three',
      'echo: four',
    ]);
    const perTask = (100 * 1 + 2 * 5) / 1_000_000;
    expect(summary.totalSpendUsd).toBeCloseTo(4 * perTask, 9);
    expect(await stage.processes()).toEqual([]);
  });

  test(`a cancelled task takes its running shell command with it (${version})`, async () => {
    const toolUse = { name: 'Bash', input: { command: 'trap "" HUP; sleep 300; true', timeout: 400_000 } };
    await using stage = await realPool(
      version,
      { rules: [{ when: 'wait', answers: [{ toolUse }, { text: 'slept' }] }] },
      { slots: 1, permissionMode: 'bypassPermissions' },
    );
    const { pool } = stage;
    const id = await pool.submit('wait for it');
    await expect.poll(() => asleep(stage), { timeout: 20_000 }).toBeGreaterThan(0);

    const start = performance.now();
    const info = await pool.cancel(id);
    const after = await pool.run('and now?');

    expect(info.state).toBe('cancelled');
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(after).toMatchObject({ output: 'echo: and now?', slotId: 'slot-0' });
    expect(await asleep(stage)).toBe(0);
  });
}

/** How many of the processes that the pool has started run the shell command, or are the shell that does. */
async function asleep(stage: Stage): Promise<number> {
  const commands = await Promise.all(
    (await stage.processes()).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return commands.filter((command) => command.includes('sleep')).length;
}
