import { expect, test } from 'vitest';
import type { Pool, PoolEvent } from 'claude-pool';
import { allEvents, chargedUsd, heard, house, openPool } from './lives.ts';
import type { House } from './house.ts';
import { fakeWitness, EMPTY } from './witness.ts';

const SLOW = { when: 'slow', answers: [{ text: 'done', delayMs: 300 }] } as const;
const STUCK = { when: 'stuck', times: 1, answers: [{ silence: true }] } as const;
const ONE_SLOT = { slots: 1 } as const;
const KEEP = { pending: 'keep' } as const;
const KEPT = { code: 'POOL_CLOSED', message: expect.stringContaining('kept') };

test('a drain that keeps who waits lets the rest end, and the next pool goes on in the old order', async () => {
  const place = await house({ rules: [SLOW] }, ONE_SLOT);
  const first = await openPool(place.options);
  const slow = await first.submit('slow');
  await heard(place, 'slow');
  const ids = [await first.submit('later'), await first.submit('urgent', { priority: 5 })];
  const early = first.wait(ids[0] ?? '').catch((error: unknown) => error);

  const summary = await first.drain(KEEP);
  const late = await first.wait(ids[0] ?? '').catch((error: unknown) => error);
  const left = await place.processes();
  const second = await openPool(place.options);
  const ends = await Promise.all(ids.map((id) => second.wait(id)));

  expect(summary).toMatchObject({ totalTasks: 3, completedTasks: 1, cancelledTasks: 0, keptTasks: 2 });
  expect([await early, late, left]).toMatchObject([KEPT, { code: 'POOL_CLOSED' }, []]);
  expect(ends.map(({ output }) => output)).toEqual(['echo: later', 'echo: urgent']);
  expect(await second.result(slow)).toMatchObject({ output: 'done' });
  expect(promptsIn(place)).toEqual(['slow', 'urgent', 'later']);
});

test('what still runs when the time is over is cut off, goes on at the next start, and is charged once', async () => {
  const place = await house({ rules: [STUCK] }, { ...ONE_SLOT, budgetUsd: 5, reservationUsd: 1 });
  const first = await openPool(place.options);
  first.configureSlot('slot-0', { name: 'ada' });
  const { spendUsd: before } = await first.run('hello');
  const id = await first.submit('stuck');
  await heard(place, 'stuck');
  first.sendMessage('bob', 'slot-0', 'look at main.ts');

  const summary = await first.drain({ ...KEEP, timeoutMs: 50 });
  const left = await place.processes();
  const second = await openPool(place.options);
  const { attempts, spendEstimated, spendUsd } = await second.wait(id);

  expect([summary, left]).toMatchObject([{ completedTasks: 1, cancelledTasks: 0, keptTasks: 1 }, []]);
  expect({ attempts, spendEstimated }).toEqual({ attempts: 2, spendEstimated: true });
  expect(second.status()).toMatchObject({ reservedUsd: 0, slots: [{ name: 'ada', tasksCompleted: 2 }] });
  expect(second.status().spendUsd).toBeCloseTo(before + spendUsd, 6);
  expect(second.status().spendUsd).toBeGreaterThanOrEqual(chargedUsd(place));
  expect(promptsIn(place)).toEqual(['hello', 'stuck', expect.stringContaining('look at main.ts')]);
});

test('a task whose attempt fails while the pool drains runs again when its time has come', async () => {
  const rules = [{ when: 'unlucky', times: 1, answers: [{ crash: 'beforeResult' }] }] as const;
  const place = await house({ rules }, ONE_SLOT);
  const first = await openPool(place.options);
  const drained = heardEvent(first, 'task.running').then(() => first.drain(KEEP));
  const failed = heardEvent(first, 'task.backingOff');
  const id = await first.submit('unlucky');
  const { until = Infinity } = await failed;
  const { keptTasks } = await drained;

  const second = await openPool(place.options);
  const { output, attempts } = await second.wait(id);
  const starts = (await allEvents(second)).filter(({ type }) => type === 'task.running');

  expect({ keptTasks, output, attempts }).toEqual({ keptTasks: 1, output: 'echo: unlucky', attempts: 2 });
  expect(starts.map(({ at }) => at >= until)).toEqual([false, true]);
});

test('a pool that is parked is so at the next start, with those who are parked and those who came later', async () => {
  const resetsAt = Math.ceil(Date.now() / 1_000) * 1_000 + 3_600_000;
  const place = await house({ rules: [{ when: 'limit', answers: [{ status: 429, resetsAt }] }] }, ONE_SLOT);
  const first = await openPool(place.options);
  const parked = heardEvent(first, 'limit.parked');
  const limited = await first.submit('limit');
  await parked;
  const later = await first.submit('later');

  const { keptTasks } = await first.drain(KEEP);
  const second = await openPool(place.options);

  expect(keptTasks).toBe(2);
  expect(second.status().limit).toMatchObject({ state: 'parked', until: resetsAt });
  expect([second.task(limited), second.task(later)]).toMatchObject([
    { state: 'pending', wait: 'parked', until: resetsAt },
    { state: 'pending', wait: 'ready', attempts: 0 },
  ]);
});

test('a chain lets its step end and goes on with the next one at the next start', async () => {
  const place = await house({ rules: [SLOW] }, ONE_SLOT);
  const first = await openPool(place.options);
  const id = await first.submitChain([
    { name: 'a', prompt: 'slow' },
    { name: 'b', prompt: 'then {previous_output}' },
  ]);
  const early = first.waitChain(id).catch((error: unknown) => error);
  await heard(place, 'slow');

  const { keptTasks } = await first.drain(KEEP);
  const second = await openPool(place.options);
  const chain = await second.waitChain(id);

  expect([await early, keptTasks]).toMatchObject([KEPT, 1]);
  expect(chain).toMatchObject({ state: 'completed', output: 'echo: then done' });
  expect(promptsIn(place)).toEqual(['slow', 'then done']);
});

test('the first drain decides: a later one neither cancels what is kept nor keeps what was cancelled', async () => {
  const place = await house({ rules: [SLOW] }, ONE_SLOT);
  const first = await openPool(place.options);
  await first.submit('slow');
  await heard(place, 'slow');
  const waiting = await first.submit('later');
  const summaries = await Promise.all([first.drain(KEEP), first.drain({ timeoutMs: 60_000 })]);

  const second = await openPool(place.options);
  const { output } = await second.wait(waiting);
  await second.submit('slow');
  await second.submit('never');
  const more = await Promise.all([second.drain(), second.drain(KEEP)]);

  expect(summaries).toMatchObject([{ keptTasks: 1 }, { keptTasks: 1 }]);
  expect(output).toBe('echo: later');
  expect(more).toMatchObject([
    { cancelledTasks: 1, keptTasks: 0 },
    { cancelledTasks: 1, keptTasks: 0 },
  ]);
});

test('the history of a pool that kept who waits has no gap, and no end of theirs', async () => {
  const place = await house({ rules: [STUCK] }, ONE_SLOT);
  const first = await openPool(place.options);
  await first.submit('stuck');
  await first.submit('later');
  await heard(place, 'stuck');
  await first.drain({ ...KEEP, timeoutMs: 0 });

  const second = await openPool({ ...place.options, recovery: 'fail' });
  await second.run('last');
  const events = await allEvents(second);

  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(endsIn(events)).toEqual(['task.failed', 'task.completed', 'task.completed']);
});

test('a pool without a folder can keep nobody', async () => {
  await using stage = await fakeWitness(EMPTY, ONE_SLOT);

  await expect(stage.pool.drain(KEEP)).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('`stateDir`'),
  });
  expect(await stage.pool.run('hello')).toMatchObject({ output: 'echo: hello' });
});

function promptsIn(place: House): readonly string[] {
  return place.journal().flatMap((entry) => (entry.type === 'prompt' ? [entry.prompt] : []));
}

function endsIn(events: readonly PoolEvent[]): readonly string[] {
  return events.flatMap(({ type }) => (/^task\.(?:completed|failed|cancelled)$/.test(type) ? [type] : []));
}

function heardEvent(pool: Pool, wanted: PoolEvent['type']) {
  return new Promise<PoolEvent & { readonly until?: number }>((resolve) => {
    pool.on(wanted, resolve);
  });
}
