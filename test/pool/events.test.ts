import { createPool } from 'claude-pool';
import { expect, test, vi } from 'vitest';
import type { PoolEvent } from '../../src/events.ts';
import { eventLog } from '../../src/streams/event-log.ts';
import { gatedDriver, reportOf } from './scripted-driver.ts';
import { EMPTY, fakeWitness, HANG, idleSlots } from './witness.ts';

test('a simple run is told step by step', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const { pool, events } = stage;

  const { taskId, spendUsd } = await pool.run('hello');
  await pool.drain();

  const of = { taskId, spendUsd: 0 };
  expect(events.map(withoutPlace)).toEqual([
    { type: 'task.submitted', ...of },
    { type: 'task.running', ...of, slotId: 'slot-0' },
    { type: 'slot.busy', slotId: 'slot-0', taskId },
    {
      type: 'task.completed',
      taskId,
      spendUsd,
      slotId: 'slot-0',
      verdict: 'succeeded',
      reason: expect.any(String),
    },
    { type: 'slot.idle', slotId: 'slot-0' },
    { type: 'pool.draining' },
    { type: 'slot.draining', slotId: 'slot-0' },
    { type: 'slot.stopped', slotId: 'slot-0' },
    { type: 'pool.drained' },
  ]);
  expectNumbered(events);
});

test('a task that is retried, rejected and approved is told of at every turn', async () => {
  await using stage = await fakeWitness(
    { rules: [{ when: 'report', times: 1, answers: [{ crash: 'midStream' }] }] },
    { slots: 1 },
  );
  const { pool, events } = stage;

  const id = await pool.submitWithReview('report');
  await stage.event(({ type }) => type === 'task.pendingReview');
  const { seq } = events.at(-1) ?? { seq: 0 };
  await pool.rejectResult(id, 'More numbers.');
  await stage.event((event) => event.type === 'task.pendingReview' && event.seq > seq);
  await pool.approveResult(id);

  expect(typesOf(events, 'task.')).toEqual([
    'task.submitted',
    'task.running',
    'task.backingOff',
    'task.ready',
    'task.running',
    'task.pendingReview',
    'task.ready',
    'task.running',
    'task.pendingReview',
    'task.completed',
  ]);
  expect(typesOf(events, 'slot.')).toEqual([
    'slot.busy',
    'slot.recycling',
    'slot.recovering',
    'slot.starting',
    'slot.idle',
    'slot.busy',
    'slot.idle',
    'slot.busy',
    'slot.idle',
  ]);
  expect(events.find(({ type }) => type === 'task.backingOff')).toMatchObject({
    taskId: id,
    verdict: 'crashed',
    until: expect.any(Number),
  });
  expect(events.find(({ type }) => type === 'slot.recovering')).toMatchObject({
    slotId: 'slot-0',
    reason: expect.stringContaining('The process ended with'),
  });
  expectNumbered(events);
});

test('a usage limit and a spent budget are told with their reasons', async () => {
  const resetsAt = Date.now() + 1_500;
  await using stage = await fakeWitness(
    { rules: [{ when: 'much', times: 1, answers: [{ status: 429, resetsAt }] }] },
    { slots: 1, budgetUsd: 0.0001 },
  );
  const { pool, events } = stage;

  await pool.run('much').catch(() => undefined);

  const told = events.flatMap(({ type }) => (/^(limit|budget|task)\./.test(type) ? [type] : []));
  expect(told.filter((type) => type.startsWith('limit.'))).toEqual([
    'limit.parked',
    'limit.probing',
    'limit.clear',
  ]);
  expect(told.indexOf('task.parked')).toBe(told.indexOf('limit.parked') + 1);
  expect(told).toContain('budget.exhausted');
  expect(events.find(({ type }) => type === 'limit.parked')).toMatchObject({
    until: expect.any(Number),
    reason: expect.any(String),
  });
  expectNumbered(events);
});

test('a usage limit is over as soon as Claude begins to answer a probe, however long that works', async () => {
  const gate = gatedDriver();
  await using pool = await createPool({ driver: gate.driver, slots: 2, limitBackoffMs: 1 });
  gate.open('refused', reportOf({ evidence: { interruption: 'rateLimited', lastRetryStatus: 429 } }));
  await pool.cancel(await pool.submit('refused'));
  await pool.submit('probe');
  await pool.submit('next');
  await vi.waitFor(() => expect(gate.turns.at(-1)?.prompt).toBe('probe'));
  const before = pool.status().limit.state;

  gate.say('probe', 'Let me see.');
  await vi.waitFor(() => expect(gate.turns.at(-1)?.prompt).toBe('next'));

  expect([before, pool.status().limit.state, pool.status().activeTasks]).toEqual(['probing', 'clear', 2]);
});

test('a slot with an id that comes again is told of too', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 2 });
  const { pool, events } = stage;
  await idleSlots(pool, 2);
  pool.scaleDown(1);
  const stopped = await stage.event(({ type }) => type === 'slot.stopped');
  pool.scaleUp(1);

  await pool.run('hello', { slot: { id: 'slot-0' } });

  const later = events.filter(({ seq }) => seq > stopped.seq);
  expect(stopped).toMatchObject({ slotId: 'slot-0' });
  expect(later.map(({ type }) => type)).toEqual([
    'pool.scaled',
    'task.submitted',
    'task.running',
    'slot.idle',
    'slot.busy',
    'task.completed',
    'slot.idle',
  ]);
});

test('a slow reader is told in its place what it missed, and holds nobody up', async () => {
  const log = eventLog({ now: () => 7, last: 0 });
  const reader = log.read(undefined)[Symbol.asyncIterator]();
  const publish = (count: number): void => {
    for (let index = 0; index < count; index += 1)
      log.publish({ type: 'slot.idle', slotId: `slot-${index}` });
  };

  publish(10_005);
  await reader.next();
  publish(1);
  log.end();
  const rest: PoolEvent[] = [];
  for (let read = await reader.next(); read.done !== true; read = await reader.next()) rest.push(read.value);

  expect(rest).toHaveLength(10_001);
  expect(rest.slice(-3).map(({ type, seq }) => [type, seq])).toEqual([
    ['slot.idle', 10_000],
    ['events.missed', 10_005],
    ['slot.idle', 10_006],
  ]);
  expect(rest.at(-2)).toMatchObject({ count: 5 });
});

test('a reader that has read all is told of what it missed last', async () => {
  const log = eventLog({ now: () => 7, last: 0 });
  const reader = log.read(undefined)[Symbol.asyncIterator]();

  for (let count = 0; count < 10_002; count += 1) log.publish({ type: 'slot.idle', slotId: 'slot-0' });
  for (let count = 0; count < 10_000; count += 1) await reader.next();
  const missed = await reader.next();

  expect(missed.value).toEqual({ type: 'events.missed', seq: 10_002, at: 7, count: 2 });
});

test('a reader that is not read, or leaves, does not hold up the pool', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const { pool } = stage;
  const idle = pool.events()[Symbol.asyncIterator]();
  const leaver = pool.events()[Symbol.asyncIterator]();

  await pool.submit('first');
  const heard = [await leaver.next(), await leaver.return?.(), await leaver.next()];
  const result = await pool.run('hello');

  expect(result.output).toBe('echo: hello');
  expect(heard).toMatchObject([{ value: { type: 'task.submitted' } }, { done: true }, { done: true }]);
  expect(await idle.next()).toMatchObject({ done: false });
});

test('a reader that asks for several events before there are any gets them all, in order', async () => {
  const log = eventLog({ now: () => 0, last: 0 });
  const reader = log.read(undefined)[Symbol.asyncIterator]();
  const asked = [reader.next(), reader.next(), reader.next()];

  log.publish({ type: 'pool.open' });
  log.publish({ type: 'pool.draining' });
  log.end();

  expect(await Promise.all(asked)).toMatchObject([
    { value: { seq: 1 } },
    { value: { seq: 2 } },
    { done: true },
  ]);
});

test('an aborted reader ends with the reason of its signal', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const abort = new AbortController();
  const reason = new Error('enough');
  const reading = stage.pool.events({ signal: abort.signal })[Symbol.asyncIterator]().next();

  abort.abort(reason);

  await expect(reading).rejects.toBe(reason);
});

test('a listener that throws is reported as uncaught, and the pool goes on', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const { pool } = stage;
  const failure = new Error('The listener is broken.');
  const uncaught: unknown[] = [];
  process.setUncaughtExceptionCaptureCallback((error) => uncaught.push(error));
  const off = pool.on('task.submitted', () => {
    throw failure;
  });

  const { output } = await pool.run('hello');

  off();
  process.setUncaughtExceptionCaptureCallback(null);
  expect(output).toBe('echo: hello');
  expect(uncaught).toEqual([failure]);
});

test('B21: metrics, status, tasks and the drain agree on what was done and spent', async () => {
  await using stage = await fakeWitness(
    {
      rules: [
        HANG,
        { when: 'bad', answers: [{ status: 400 }] },
        { when: 'flaky', times: 1, answers: [{ crash: 'midStream' }] },
      ],
    },
    { slots: 2 },
  );
  const { pool } = stage;
  await pool.fanOut(['one', 'two', 'bad', 'flaky']);
  const review = await pool.submitWithReview('look');
  await stage.event(({ type }) => type === 'task.pendingReview');
  const { seq } = stage.events.at(-1) ?? { seq: 0 };
  await pool.rejectResult(review, 'Again.');
  await stage.event((event) => event.type === 'task.pendingReview' && event.seq > seq);
  await pool.approveResult(review);
  const hanging = await pool.submit('hang');
  await stage.event((event) => event.type === 'slot.busy' && event.taskId === hanging);
  await pool.cancel(hanging);

  const metrics = pool.metrics();
  const { spendUsd, completedTasks, failedTasks, cancelledTasks, slots } = pool.status();
  const summary = await pool.drain();

  const total = pool.tasks().reduce((sum, task) => sum + task.spendUsd, 0);
  const bySlot = slots.reduce((sum, slot) => sum + slot.spendUsd, 0);
  const byModel = Object.values(metrics.models);
  expect([completedTasks, failedTasks, cancelledTasks]).toEqual([4, 1, 1]);
  expect(metrics.tasks).toEqual({
    pending: 0,
    running: 0,
    pendingReview: 0,
    completed: 4,
    failed: 1,
    cancelled: 1,
  });
  expect(metrics).toMatchObject({ attempts: 8, retries: 1 });
  expect(Object.values(metrics.verdicts).reduce((sum, count) => sum + count, 0)).toBe(8);
  expect(byModel.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(8);
  for (const spend of [metrics.spendUsd, summary.totalSpendUsd, total, bySlot, sumOf(byModel)]) {
    expect(spend).toBeCloseTo(spendUsd, 9);
  }
});

function withoutPlace({ seq: _seq, at: _at, ...event }: PoolEvent): object {
  return event;
}

function typesOf(events: readonly PoolEvent[], prefix: string): readonly string[] {
  return events.flatMap(({ type }) => (type.startsWith(prefix) ? [type] : []));
}

function expectNumbered(events: readonly PoolEvent[]): void {
  const first = events[0]?.seq ?? 0;
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => first + index));
}

function sumOf(usages: readonly { readonly spendUsd: number }[]): number {
  return usages.reduce((sum, { spendUsd }) => sum + spendUsd, 0);
}
