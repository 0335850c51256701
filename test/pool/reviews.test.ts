import { createPool } from 'claude-pool';
import { expect, test } from 'vitest';
import { journalledPool } from './journalled-pool.ts';
import { gatedDriver } from './scripted-driver.ts';
import { eventOf } from './stage.ts';

const HANG = { when: 'hang', answers: [{ silence: true }] } as const;

test('a result that waits for review can be seen, and is the task’s result once it is approved', async () => {
  await using stage = await journalledPool({ rules: [] });
  const { pool } = stage;

  const id = await pool.submitWithReview('write it');
  await eventOf(stage, ({ type }) => type === 'task.pendingReview');
  const inReview = { task: pool.task(id), result: await pool.result(id), status: pool.status() };
  const result = await pool.approveResult(id);

  expect(inReview).toMatchObject({
    task: { state: 'pendingReview', result: { output: 'echo: write it' } },
    result: undefined,
    status: { pendingReview: 1, completedTasks: 0, activeTasks: 0, reservedUsd: 0 },
  });
  expect(result).toMatchObject({ taskId: id, output: 'echo: write it', verdict: 'succeeded' });
  expect(pool.task(id)).toMatchObject({ state: 'completed', result });
  expect(pool.status()).toMatchObject({ pendingReview: 0, completedTasks: 1 });
});

test('feedback goes into the conversation that has the work, and is all that is sent there', async () => {
  await using stage = await journalledPool({ rules: [] }, { slots: 2 });
  const { pool } = stage;

  const id = await reviewed(stage, 'write it');
  const rejected = await pool.rejectResult(id, 'no tests');
  await nextReview(stage);
  await pool.rejectResult(id, 'no docs');
  await nextReview(stage);
  await pool.approveResult(id);

  const heard = await stage.heard();
  expect(rejected).toMatchObject({ id, feedback: ['no tests'] });
  expect(heard.map(({ prompt }) => prompt)).toEqual([
    'write it',
    'Attempt 2 of 3. Your last result was rejected:\nno tests',
    'Attempt 3 of 3. Your last result was rejected:\nno docs',
  ]);
  expect(new Set(heard.map(({ sessionId }) => sessionId)).size).toBe(1);
  expect(pool.task(id)).toMatchObject({ state: 'completed', feedback: ['no tests', 'no docs'] });
});

test('where the conversation is not free, the prompt is sent anew with the last feedback only, and never grows', async () => {
  await using stage = await journalledPool({ rules: [HANG] }, { slots: 2 });
  const { pool } = stage;
  const id = await reviewed(stage, 'write it', { maxRejections: 9 });
  const feedback = ['one', 'two', 'three', 'four'];

  for (const text of feedback) {
    const { slotId = '' } = pool.task(id);
    const blocker = await pool.submit('hang', { slot: { id: slotId } });
    await eventOf(stage, (event) => event.type === 'slot.busy' && event.taskId === blocker);
    await pool.rejectResult(id, text);
    await nextReview(stage);
    await pool.cancel(blocker);
  }

  const heard = await stage.heard();
  const attempts = heard.map(({ prompt }) => prompt).filter((prompt) => prompt !== 'hang');
  expect(attempts).toEqual([
    'write it',
    ...feedback.map(
      (text, index) => `write it\n\n---\nAttempt ${index + 2} of 9. Your last result was rejected:\n${text}`,
    ),
  ]);
});

test('a conversation that was left for another is not continued with feedback alone', async () => {
  await using stage = await journalledPool({ rules: [] }, { slots: 1, session: 'fresh' });
  const { pool } = stage;
  const id = await reviewed(stage, 'write it');
  await pool.run('something else');

  await pool.rejectResult(id, 'no tests');
  await nextReview(stage);

  const heard = await stage.heard();
  expect(heard.map(({ prompt, remembered }) => [prompt, remembered])).toEqual([
    ['write it', []],
    ['something else', []],
    ['write it\n\n---\nAttempt 2 of 3. Your last result was rejected:\nno tests', []],
  ]);
});

test('the last rejection fails the task, with all feedback in its record and no further attempt', async () => {
  await using stage = await journalledPool({ rules: [] });
  const { pool } = stage;

  const id = await reviewed(stage, 'write it', { maxRejections: 2 });
  const waiting = pool.wait(id);
  await pool.rejectResult(id, 'no tests');
  await nextReview(stage);
  const info = await pool.rejectResult(id, 'no docs');

  await expect(waiting).rejects.toMatchObject({ code: 'TASK_FAILED', taskId: id });
  expect(info).toMatchObject({
    state: 'failed',
    feedback: ['no tests', 'no docs'],
    reason: 'The result was rejected:\n1. no tests\n2. no docs',
  });
  expect(await stage.heard()).toHaveLength(2);
  expect(pool.status()).toMatchObject({ pendingReview: 0, failedTasks: 1 });
});

test('what rejected attempts cost is part of what the task cost', async () => {
  await using stage = await journalledPool({ rules: [] }, { model: 'claude-haiku-4-5' });
  const id = await reviewed(stage, 'write it');
  const first = stage.pool.task(id).spendUsd;

  await stage.pool.rejectResult(id, 'again');
  await nextReview(stage);
  const result = await stage.pool.approveResult(id);

  expect(result.spendUsd).toBeGreaterThan(first);
  expect(result.spendUsd).toBeCloseTo(await stage.chargedUsd(), 9);
});

test('with as many reviews waiting as may wait no work is started, until one is decided', async () => {
  await using stage = await journalledPool({ rules: [] }, { slots: 1, maxPendingReview: 2 });
  const { pool } = stage;
  const one = await reviewed(stage, 'one');
  const two = await reviewed(stage, 'two');

  const three = await pool.submit('three');
  const before = [pool.task(three).state, pool.status().pendingReview];
  await pool.approveResult(one);
  await pool.wait(three);
  const four = await reviewed(stage, 'four');
  const five = await pool.submit('five');
  const again = pool.task(five).state;
  await pool.rejectResult(two, 'no');
  await pool.wait(five);

  expect([before, again]).toEqual([['pending', 2], 'pending']);
  expect(pool.task(four).state).toBe('pendingReview');
});

test('only a result that waits for review can be approved or rejected', async () => {
  await using stage = await journalledPool({ rules: [HANG] }, { slots: 2 });
  const { pool } = stage;
  const running = await pool.submitWithReview('hang');
  const plain = await pool.run('plain');
  const id = await reviewed(stage, 'write it');
  await pool.approveResult(id);

  const answers = await Promise.allSettled([
    pool.approveResult(running),
    pool.rejectResult(running, 'no'),
    pool.approveResult(plain.taskId),
    pool.rejectResult(plain.taskId, 'no'),
    pool.approveResult(id),
    pool.rejectResult(id, 'no'),
  ]);

  expect(answers).toMatchObject(
    answers.map(() => ({ status: 'rejected', reason: { code: 'INVALID_STATE' } })),
  );
  expect(pool.task(id)).toMatchObject({ state: 'completed', feedback: [] });
  await expect(pool.approveResult('task-x')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
});

test('of two decisions at once the first one holds', async () => {
  await using stage = await journalledPool({ rules: [] });
  const { pool } = stage;
  const id = await reviewed(stage, 'write it');

  const answers = await Promise.allSettled([
    pool.approveResult(id),
    pool.rejectResult(id, 'no'),
    pool.approveResult(id),
    pool.cancel(id),
  ]);

  expect(answers).toMatchObject([
    { status: 'fulfilled' },
    { reason: { code: 'INVALID_STATE' } },
    { reason: { code: 'INVALID_STATE' } },
    { status: 'fulfilled', value: { state: 'completed' } },
  ]);
  const ends = stage.events.filter(({ type }) => /^task\.(completed|failed|cancelled)$/.test(type));
  expect(ends).toMatchObject([{ type: 'task.completed', taskId: id }]);
});

test.each(['', ' \n '])('a rejection needs words, and %j are none', async (feedback) => {
  await using stage = await journalledPool({ rules: [] });
  const id = await reviewed(stage, 'write it');

  const rejection = stage.pool.rejectResult(id, feedback);

  await expect(rejection).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  expect(stage.pool.task(id).state).toBe('pendingReview');
});

test('a task that is cancelled in review keeps its spend and lets new work on', async () => {
  await using stage = await journalledPool({ rules: [] }, { slots: 1, maxPendingReview: 1 });
  const { pool } = stage;
  const id = await reviewed(stage, 'write it');
  const { spendUsd } = pool.task(id);
  const next = await pool.submit('next');

  const info = await pool.cancel(id);

  expect(info).toMatchObject({ state: 'cancelled', spendUsd, error: { code: 'CANCELLED' } });
  expect(spendUsd).toBeGreaterThan(0);
  await expect(pool.wait(next)).resolves.toMatchObject({ output: 'echo: next' });
  await expect(pool.approveResult(id)).rejects.toMatchObject({ code: 'INVALID_STATE' });
});

test('a task that is cancelled while it works is never completed without its review', async () => {
  const gate = gatedDriver();
  await using pool = await createPool({ driver: gate.driver, slots: 1 });
  const id = await pool.submitWithReview('work');

  gate.open('work');
  const info = await pool.cancel(id);

  expect(info).toMatchObject({ state: 'cancelled', verdict: 'succeeded', error: { code: 'CANCELLED' } });
});

test('a drain keeps the reviews and counts them, and what is decided afterwards is refused', async () => {
  await using stage = await journalledPool({ rules: [] });
  const { pool } = stage;
  const id = await reviewed(stage, 'write it');
  const waiting = pool.wait(id).catch((error: unknown) => error);

  const summary = await pool.drain();

  expect(summary).toMatchObject({ totalTasks: 1, pendingReview: 1, cancelledTasks: 0, completedTasks: 0 });
  expect(await waiting).toMatchObject({ code: 'POOL_CLOSED' });
  expect(pool.task(id)).toMatchObject({ state: 'pendingReview', result: { output: 'echo: write it' } });
  const late = await Promise.allSettled([
    pool.approveResult(id),
    pool.rejectResult(id, 'no'),
    pool.cancel(id),
    pool.wait(id),
  ]);
  expect(late).toMatchObject(late.map(() => ({ status: 'rejected', reason: { code: 'POOL_CLOSED' } })));
});

test('a review can be approved while the pool drains', async () => {
  await using stage = await journalledPool(
    { rules: [{ when: 'slow', answers: [{ text: 'done', delayMs: 300 }] }] },
    { slots: 1 },
  );
  const { pool } = stage;
  const id = await reviewed(stage, 'write it');
  await pool.submit('slow');

  const drained = pool.drain();
  const result = await pool.approveResult(id);

  expect(result.output).toBe('echo: write it');
  expect(await drained).toMatchObject({ totalTasks: 2, completedTasks: 2, pendingReview: 0 });
});

type Stage = Awaited<ReturnType<typeof journalledPool>>;

/** Submits a prompt and resolves with its id when its result waits for review. */
async function reviewed(
  stage: Stage,
  prompt: string,
  options: { readonly maxRejections?: number } = {},
): Promise<string> {
  const next = nextReview(stage);
  const id = await stage.pool.submitWithReview(prompt, options);
  await next;
  return id;
}

function nextReview({ pool }: Stage): Promise<void> {
  return new Promise((resolve) => {
    const off = pool.on('task.pendingReview', () => {
      off();
      resolve();
    });
  });
}
