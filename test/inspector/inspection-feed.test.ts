import { expect, test } from 'vitest';
import { createPool } from '../../src/index.ts';
import type { Pool, PoolOptions } from '../../src/index.ts';
import type { FeedEntry } from '../../src/inspector/feed-entry.ts';
import { inspectionFeed } from '../../src/inspector/inspection-feed.ts';
import { gatedDriver } from '../pool/scripted-driver.ts';
import type { GatedDriver } from '../pool/scripted-driver.ts';

test('every actor goes by its own name, with the actor above it and the statechart that it runs', async () => {
  await using stage = await inspected({ slots: 2 });
  const { pool, claude, entries } = stage;

  const task = await pool.submit('one');
  claude.open('one');
  await pool.wait(task);
  claude.open('two');
  const chain = await pool.runChain([{ name: 'first', prompt: 'two' }]);

  const [step] = chain.steps;
  expect(actorsOf(entries)).toEqual([
    'pool <- outside: pool',
    'directory <- pool',
    'alarm <- pool',
    'slot-0 <- pool: slot',
    'slot-0/session <- slot-0',
    'slot-1 <- pool: slot',
    'slot-1/session <- slot-1',
    `${task} <- directory: task`,
    `${chain.id} <- directory: chain`,
    `${chain.id}/step-0 <- ${chain.id}: step`,
    `${step?.taskIds[0]} <- directory: task`,
  ]);
});

test('an event has the name of its source and of its target', async () => {
  await using stage = await inspected();
  const { pool, claude, entries } = stage;

  const task = await pool.submit('one');
  claude.open('one');
  await pool.wait(task);

  const flow = entries.flatMap((entry) =>
    entry.type === 'event' ? [`${entry.source ?? 'outside'} -> ${entry.target}: ${entry.event}`] : [],
  );
  const submitted = flow.indexOf('outside -> pool: task.submit');
  expect(flow.slice(submitted, submitted + 7)).toEqual([
    'outside -> pool: task.submit',
    'pool -> directory: directory.admit',
    'pool -> directory: directory.assign',
    `directory -> ${task}: task.assigned`,
    'directory -> slot-0: slot.assign',
    'slot-0 -> slot-0/session: session.run',
    'slot-0/session -> slot-0: session.settled',
  ]);
});

test('a state comes with the transitions that led to it', async () => {
  await using stage = await inspected();
  const { pool, claude, entries } = stage;

  const task = await pool.submit('one');
  claude.open('one');
  await pool.wait(task);

  const states = entries.flatMap((entry) =>
    entry.type === 'state' && entry.name === task ? [[entry.state, entry.status, entry.taken]] : [],
  );
  expect(states).toEqual([
    [{ running: 'working' }, 'active', ['task.pending.ready task.assigned 0']],
    ['completed', 'done', [expect.stringMatching(/^task\.running\S* attempt\.ended \d$/)]],
  ]);
});

test('a task that is kept as its record is marked, from its admission or from when it was put away', async () => {
  await using stage = await inspected({ liveTasks: 0 });
  const { pool, claude, entries } = stage;

  const task = await pool.submitWithReview('one');
  const waiting = await pool.submit('two');
  const inReview = reviewOf(pool, task);
  for (const prompt of ['one', 'two']) claude.open(prompt);
  await Promise.all([inReview, pool.wait(waiting)]);

  const marked = entries.flatMap((entry) =>
    'passivated' in entry ? [[entry.type, entry.name, entry.state]] : [],
  );
  expect(marked).toEqual([
    ['actor', task, { pending: 'ready' }],
    ['actor', waiting, { pending: 'ready' }],
    ['state', task, 'pendingReview'],
  ]);
});

test('entries stay small with a long queue, long prompts and long answers', async () => {
  await using stage = await inspected({ slots: 1 });
  const { pool, claude, entries } = stage;
  const prompts = Array.from({ length: 300 }, (_, index) => `${index} ${'x'.repeat(20_000)}`);

  const ids = await Promise.all(prompts.map((prompt) => pool.submit(prompt)));
  claude.open(prompts[0] ?? '');
  await pool.wait(ids[0] ?? '');

  const longest = Math.max(...entries.map((entry) => JSON.stringify(entry).length));
  expect(longest).toBeLessThan(6_000);
  expect(JSON.stringify(entries)).toContain('"waiting":"more than 100"');
});

test('the credentials of MCP servers are not told', async () => {
  await using stage = await inspected({ mcpServers: { mail: { command: 'mail', env: { KEY: 'secret' } } } });

  expect(JSON.stringify(stage.entries)).toContain('"mcpServers":["mail"]');
  expect(JSON.stringify(stage.entries)).not.toContain('secret');
});

test('who comes late reads the last entries, and no more than are kept', async () => {
  await using stage = await inspected({}, 5);
  const { pool, claude, entries, feed } = stage;

  const task = await pool.submit('one');
  claude.open('one');
  await pool.wait(task);

  expect(feed.recent()).toEqual(entries.slice(-5));
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
});

interface Inspected extends AsyncDisposable {
  readonly pool: Pool;
  readonly claude: GatedDriver;
  readonly feed: ReturnType<typeof inspectionFeed>;
  readonly entries: readonly FeedEntry[];
}

async function inspected(options: PoolOptions = {}, keep = 1_000): Promise<Inspected> {
  const claude = gatedDriver();
  const feed = inspectionFeed({ keep });
  const entries: FeedEntry[] = [];
  feed.subscribe((entry) => entries.push(entry));
  const pool = await createPool({ slots: 1, ...options, driver: claude.driver, inspect: feed.observe });
  return {
    pool,
    claude,
    feed,
    entries,
    async [Symbol.asyncDispose]() {
      await pool.drain({ timeoutMs: 0 });
    },
  };
}

function actorsOf(entries: readonly FeedEntry[]): readonly string[] {
  return entries.flatMap((entry) => {
    if (entry.type !== 'actor') return [];
    const machine = entry.machine === undefined ? '' : `: ${entry.machine}`;
    return [`${entry.name} <- ${entry.parent ?? 'outside'}${machine}`];
  });
}

function reviewOf(pool: Pool, taskId: string): Promise<void> {
  return new Promise((resolve) => {
    pool.on('task.pendingReview', (event) => {
      if (event.taskId === taskId) resolve();
    });
  });
}
