import { expect, test } from 'vitest';
import { startLife } from './life.ts';
import { allEvents, heard, house, inReview, openPool } from './lives.ts';
import type { House } from './house.ts';

const HOUR = 3_600_000;
const HANG = { when: 'hang', answers: [{ silence: true }] } as const;
const ONE_SLOT = { slots: 1 } as const;

test('who waited when a pool was killed runs in the old order, by priority and then by submission', async () => {
  const place = await house({ rules: [HANG] }, ONE_SLOT);
  const life = await startLife(place.options);
  const running = await life.call('submit', 'hang');
  await heard(place, 'hang');
  const ids = [
    await life.call('submit', 'first of two'),
    await life.call('submit', 'second of two'),
    await life.call('submit', 'urgent', { priority: 5 }),
    await life.call('submit', 'can wait', { priority: -1 }),
  ];
  await life.kill();

  const pool = await openPool({ ...place.options, recovery: 'fail' });
  const ends = await Promise.all(ids.map((id) => pool.wait(String(id))));

  expect(ends.map(({ output }) => output)).toEqual([
    'echo: first of two',
    'echo: second of two',
    'echo: urgent',
    'echo: can wait',
  ]);
  expect(promptsIn(place)).toEqual(['hang', 'urgent', 'first of two', 'second of two', 'can wait']);
  expect(pool.task(String(running))).toMatchObject({ state: 'failed' });
});

test('what a pool knew of its slots, its context and its mail is there after a kill', async () => {
  const place = await house({ rules: [] }, ONE_SLOT);
  const life = await startLife(place.options);
  await life.call('configureSlot', 'slot-0', { name: 'ada', role: 'reviewer' });
  await life.call('contextSet', 'language', 'Dutch');
  const { slotId } = Object(await life.call('run', 'hello'));
  await life.call('sendMessage', 'bob', 'slot-0', 'look at main.ts');
  const before = await life.call('status');
  await life.call('history');
  await life.kill();

  const pool = await openPool(place.options);

  expect(pool.status()).toEqual(before);
  expect(pool.status().slots).toMatchObject([{ id: slotId, name: 'ada', role: 'reviewer', messages: 1 }]);
  expect(pool.contextList()).toEqual({ language: 'Dutch' });
  expect(pool.peekMessages('slot-0')).toMatchObject([{ from: 'bob', text: 'look at main.ts' }]);
});

test('a drain is no loss either: slots, mail, context and what was spent are there at the next start', async () => {
  const place = await house({ rules: [] }, ONE_SLOT);
  const first = await openPool(place.options);
  first.configureSlot('slot-0', { name: 'ada' });
  first.contextSet('language', 'Dutch');
  await first.run('hello');
  first.sendMessage('bob', 'slot-0', 'look at main.ts');
  const before = first.status();
  await first.drain();

  const second = await openPool(place.options);

  expect(second.status()).toEqual(before);
  expect(second.contextList()).toEqual({ language: 'Dutch' });
});

test('a task that backs off does so until the same time after a kill', async () => {
  const rules = [{ when: 'unlucky', times: 1, answers: [{ crash: 'beforeResult' }] }] as const;
  const place = await house({ rules }, ONE_SLOT);
  const life = await startLife(place.options);
  const id = String(await life.call('submit', 'unlucky'));
  const { until } = Object(await life.event(({ type }) => type === 'task.backingOff'));
  await life.call('history');
  await life.kill();

  const pool = await openPool(place.options);
  const { output, attempts } = await pool.wait(id);
  const runs = (await allEvents(pool)).filter(({ type }) => type === 'task.running');

  expect({ output, attempts }).toEqual({ output: 'echo: unlucky', attempts: 2 });
  expect(runs.map(({ at }) => at >= until)).toEqual([false, true]);
});

test('a pool that was parked stays so after a kill, with those who are parked and those who came later', async () => {
  const resetsAt = Math.ceil(Date.now() / 1_000) * 1_000 + HOUR;
  const place = await house({ rules: [{ when: 'limit', answers: [{ status: 429, resetsAt }] }] }, ONE_SLOT);
  const life = await startLife(place.options);
  const limited = String(await life.call('submit', 'limit'));
  await life.event(({ type }) => type === 'limit.parked');
  const later = String(await life.call('submit', 'something else'));
  await life.kill();

  const pool = await openPool(place.options);

  expect(pool.task(limited)).toMatchObject({ state: 'pending', wait: 'parked', until: resetsAt });
  expect(pool.task(later)).toMatchObject({ state: 'pending', wait: 'ready', attempts: 0 });
  expect(pool.status().limit).toMatchObject({ state: 'parked', cause: 'rateLimited', until: resetsAt });
  expect(promptsIn(place)).toEqual(['limit']);
});

test('a result that waited for review is approved after a kill, and another is sent back to work', async () => {
  const place = await house({ rules: [] }, ONE_SLOT);
  const life = await startLife(place.options);
  const good = String(await life.call('submitWithReview', 'good work'));
  const bad = String(await life.call('submitWithReview', 'bad work'));
  await life.event(
    ({ type, ...event }) => type === 'task.pendingReview' && 'taskId' in event && event.taskId === bad,
  );
  await life.call('history');
  await life.kill();

  const pool = await openPool(place.options);
  const approved = await pool.approveResult(good);
  await pool.rejectResult(bad, 'use metres');
  const again = await inReview(pool, bad);

  expect(approved.output).toBe('echo: good work');
  expect(again.result?.output).toContain('use metres');
  expect(pool.status()).toMatchObject({ pendingReview: 1, completedTasks: 1 });
});

test('results and chains that ended in an earlier life are found by their ids', async () => {
  const place = await house({ rules: [{ when: 'refuse', answers: [{ status: 400 }] }] }, ONE_SLOT);
  const life = await startLife(place.options);
  const done = Object(await life.call('run', 'hello'));
  const failed = String(await life.call('submit', 'refuse'));
  const fault = await life.call('wait', failed).catch((error: unknown) => error);
  const chain = Object(
    await life.call('runChain', [
      { name: 'one', prompt: 'one' },
      { name: 'two', prompt: 'two' },
    ]),
  );
  await life.kill();

  const pool = await openPool(place.options);

  expect(await pool.wait(done.taskId)).toEqual(done);
  expect(await pool.result(done.taskId)).toEqual(done);
  expect(await pool.cancel(done.taskId)).toMatchObject({ state: 'completed' });
  await expect(pool.wait(failed)).rejects.toMatchObject({ message: Object(fault).message });
  expect(await pool.waitChain(chain.id)).toEqual(chain);
  expect(pool.status()).toMatchObject({ completedTasks: 3, failedTasks: 1 });
});

test('a chain that was killed in mid-step goes on with that step, and knows what came before', async () => {
  const rules = [{ when: 'second', times: 1, answers: [{ silence: true }] }] as const;
  const place = await house({ rules }, ONE_SLOT);
  const life = await startLife(place.options);
  const id = String(
    await life.call('submitChain', [
      { name: 'a', prompt: 'first' },
      { name: 'b', prompt: 'second after {previous_output}' },
      { name: 'c', prompt: 'third' },
    ]),
  );
  await heard(place, 'second');
  await life.kill();

  const pool = await openPool({ ...place.options, recovery: 'retry' });
  const chain = await pool.waitChain(id);

  expect(chain).toMatchObject({
    state: 'completed',
    steps: [
      { output: 'echo: first' },
      { output: 'echo: second after echo: first' },
      { output: 'echo: third' },
    ],
  });
  expect(promptsIn(place)).toEqual([
    'first',
    'second after echo: first',
    'second after echo: first',
    'third',
  ]);
});

test('the events of all lives have numbers without a gap, and a listener sees the same as the history', async () => {
  const place = await house({ rules: [HANG] }, ONE_SLOT);
  const life = await startLife(place.options);
  await life.call('run', 'hello');
  await life.call('submit', 'hang');
  await heard(place, 'hang');
  await life.call('history');
  await life.kill();

  const pool = await openPool({ ...place.options, recovery: 'fail' });
  await pool.run('again');
  const events = await allEvents(pool);

  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter(({ seq }) => life.events.some((seen) => seen.seq === seq))).toEqual(life.events);
  expect(events.filter(({ type }) => type === 'pool.starting')).toHaveLength(2);
});

test('a second pool on the folder is refused and told who works there; the first goes on', async () => {
  const place = await house({ rules: [] }, ONE_SLOT);
  const life = await startLife(place.options);

  const refusal = await startLife(place.options).catch((error: unknown) => error);
  const sibling = await openPool(place.options).catch((error: unknown) => error);

  const message = expect.stringContaining(`process ${life.pid}`);
  expect(refusal).toMatchObject({ code: 'STORE', message });
  expect(sibling).toMatchObject({ code: 'STORE', message });
  expect(await life.call('run', 'hello')).toMatchObject({ output: 'echo: hello' });
  await life.kill();
});

test('a start that fails leaves everything as it was', async () => {
  const place = await house({ rules: [HANG] }, ONE_SLOT);
  const life = await startLife(place.options);
  const running = String(await life.call('submit', 'hang'));
  const waiting = String(await life.call('submit', 'hello'));
  await life.event(({ type }) => type === 'slot.busy');
  await heard(place, 'hang');
  await life.call('history');
  await life.kill();

  const noClaude = { ...place.options, claude: { command: '/nowhere/claude' } };
  const failure = await openPool(noClaude).catch((error: unknown) => error);
  const aborted = await openPool({
    ...place.options,
    recovery: 'fail',
    signal: AbortSignal.abort(new Error('no')),
  }).catch((error: unknown) => error);
  const pool = await openPool({ ...place.options, recovery: 'fail' });
  const events = await allEvents(pool);

  expect(failure).toMatchObject({ code: 'CLAUDE_NOT_FOUND' });
  expect(aborted).toMatchObject({ message: 'no' });
  expect(await pool.wait(waiting)).toMatchObject({ output: 'echo: hello' });
  expect(await pool.wait(running).catch((error: unknown) => error)).toMatchObject({ code: 'TASK_FAILED' });
  expect(
    events.filter(({ seq }) => seq <= (life.events.at(-1)?.seq ?? 0)).slice(-life.events.length),
  ).toEqual(life.events);
  expect(events.filter(({ type }) => type === 'pool.starting')).toHaveLength(2);
});

function promptsIn(place: House): readonly string[] {
  return place.journal().flatMap((entry) => (entry.type === 'prompt' ? [entry.prompt] : []));
}
