import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPool, openHistory } from 'claude-pool';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestContext } from 'vitest';
import { createMachine } from 'xstate';
import { z } from 'zod';
import { inspectionFeed } from '../../src/inspector/inspection-feed.ts';
import { inspectorServer } from '../../src/inspector/inspector-server.ts';
import { gatedDriver } from '../pool/scripted-driver.ts';
import { eventOf, fakePool } from '../pool/stage.ts';
import type { Stage } from '../pool/stage.ts';
import { HOW_TO_GET_IT, openChromium } from './chromium.ts';

const SCRIPT = { rules: [{ when: 'hang', answers: [{ silence: true }] }] } as const;

/** Does what the page at stately.ai does with messages: it says that it is there, and takes what comes. */
const STATELY_STAND_IN = `<script>
  heard = [];
  addEventListener('message', ({ data }) => { heard.push(data); met = true; });
  opener.postMessage({ type: '@statelyai.connected' }, '*');
</script>`;

/** For the page: how long it was ever too busy to draw. */
const WATCH_LONG_TASKS = `
  longestTask = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTask = Math.max(longestTask, duration);
  }).observe({ type: 'longtask' });
`;

/** A message as `@statelyai/inspect` describes it. */
const told = z.object({
  type: z.enum(['@xstate.actor', '@xstate.event', '@xstate.snapshot']),
  _version: z.string(),
  createdAt: z.string(),
  sessionId: z.string(),
  name: z.string().optional(),
  parentId: z.string().optional(),
  sourceId: z.string().optional(),
  definition: z.string().optional(),
  event: z.looseObject({ type: z.string() }).optional(),
  snapshot: z.looseObject({ status: z.string(), value: z.any().optional() }).optional(),
});

let browser: Browser | undefined;

beforeAll(async () => {
  browser = await openChromium();
});
afterAll(() => browser?.close());

test('the states of pool, slots and the chosen task light up as they are entered', async (context) => {
  await using view = await viewed(context);
  const { page, stage } = view;
  await lit(page, 'pool', 'pool.open.limit.clear');
  await lit(page, 'slot-0', 'slot.idle');

  const taskId = await stage.pool.submit('hang');
  await workRow(page, taskId).click();
  await lit(page, taskId, 'task.running.working');
  await lit(page, 'slot-0', 'slot.busy');
  await page.keyboard.press('c');
  await lit(page, taskId, 'task.cancelled');

  expect(stage.pool.task(taskId).state).toBe('cancelled');
  await lit(page, 'slot-0', 'slot.idle');
});

test('a result is approved, and another rejected with feedback', async (context) => {
  await using view = await viewed(context);
  const { page, stage } = view;
  const good = await reviewed(stage, 'good');
  const bad = await reviewed(stage, 'bad');

  await page.locator(`#reviews [data-task="${good}"]`).getByText('approve').click();
  const row = page.locator(`#reviews [data-task="${bad}"]`);
  await row.getByPlaceholder('what is wrong').fill('No tests.');
  await row.getByText('reject').click();
  const result = await stage.pool.wait(good);
  await eventOf(
    stage,
    ({ type, ...event }) => type === 'task.failed' && 'taskId' in event && event.taskId === bad,
  );

  expect(result.output).toBe('echo: good');
  expect(stage.pool.task(bad).feedback).toEqual(['No tests.']);
  await page.getByText('· none').waitFor();
});

test('what was recorded can be gone through, backwards too, while the pool goes on', async (context) => {
  await using view = await viewed(context);
  const { page, stage } = view;
  const taskId = await stage.pool.submit('one');
  await stage.pool.wait(taskId);
  await taskOption(page, taskId).click();
  await lit(page, taskId, 'task.completed');

  await page.getByLabel('Events of').selectOption(taskId);
  await page.locator('#sequence').getByText('attempt.ended').click();
  await lit(page, taskId, 'task.running.working');
  await page.keyboard.press('ArrowLeft');
  await lit(page, taskId, 'task.pending.ready');
  await page.keyboard.press('Space');
  await lit(page, taskId, 'task.completed');

  expect(await page.locator('#position').textContent()).toMatch(/^live/);
});

test('of a thousand tasks only those are drawn that can be seen', async (context) => {
  await using view = await viewed(context);
  const { page, stage } = view;

  await page.evaluate(WATCH_LONG_TASKS);
  await Promise.all(Array.from({ length: 1_000 }, () => stage.pool.submit('hang')));
  await page.getByText('· 1000').waitFor();
  const longest = await page.evaluate(() => Reflect.get(globalThis, 'longestTask'));
  await context.annotate(`The longest that a thousand submissions kept the page busy: ${longest} ms.`);

  expect(longest).toBeLessThan(1_000);
  expect(await page.locator('#work [role=option]').count()).toBeLessThan(80);
  expect(await page.locator('#sequence [role=option]').count()).toBeLessThan(80);
});

test('nothing is fetched from anywhere else, and nothing fails', async (context) => {
  await using view = await viewed(context);
  const { page, url, requests, problems } = view;

  await lit(page, 'pool', 'pool.open');

  expect(requests.filter((request) => !request.startsWith(url) && !request.startsWith('data:'))).toEqual([]);
  expect(problems).toEqual([]);
});

test('a button opens the same stream in the Stately inspector, and only then is anything asked elsewhere', async (context) => {
  await using view = await viewed(context);
  const { page, stage, url, requests } = view;
  await page
    .context()
    .route('https://stately.ai/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: STATELY_STAND_IN }),
    );
  await lit(page, 'slot-0', 'slot.idle');
  const before = requests.filter(
    (request) => !request.startsWith(url) || request.endsWith('stately-inspect.js'),
  );

  const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('#stately').click()]);
  await popup.waitForFunction(() => 'met' in globalThis);
  const taskId = await stage.pool.submit('one');
  await stage.pool.wait(taskId);
  await popup.waitForFunction(
    (id) => JSON.stringify(Reflect.get(globalThis, 'heard')).includes(`"completed","context":{"id":"${id}`),
    taskId,
  );
  const heard = told.array().parse(await popup.evaluate(() => Reflect.get(globalThis, 'heard')));

  expect([before, popup.url()]).toEqual([[], 'https://stately.ai/inspect']);
  const actors = new Map(
    heard.flatMap((one) => (one.type === '@xstate.actor' ? [[one.sessionId, one]] : [])),
  );
  expect([...actors.values()].map(({ name, parentId }) => [name, parentId])).toEqual([
    ['pool', undefined],
    ['slot-0', 'pool'],
    ['directory', 'pool'],
    [taskId, 'directory'],
    ['slot-0/session', 'slot-0'],
  ]);
  const strange = heard.filter(
    ({ sessionId, sourceId = sessionId }) => !actors.has(sessionId) || !actors.has(sourceId),
  );
  expect(strange).toEqual([]);
  for (const { type, sessionId, snapshot } of heard) {
    if (type !== '@xstate.snapshot' || snapshot?.value === undefined) continue;
    const machine = createMachine(JSON.parse(actors.get(sessionId)?.definition ?? ''));
    expect(machine.resolveState({ value: snapshot.value }).matches(snapshot.value)).toBe(true);
  }
});

test('a browser with a wrong token gets nothing', async (context) => {
  await using view = await viewed(context);
  const { page, url } = view;

  const { origin } = new URL(url);
  const wrong = `${origin}/${'x'.repeat(32)}/`;
  const answer = await page.evaluate(async (place) => {
    const response = await fetch(place);
    return [response.status, await response.text()];
  }, wrong);

  expect(answer).toEqual([403, '']);
  await expect(page.goto(wrong)).rejects.toThrow('ERR_HTTP_RESPONSE_CODE_FAILURE');
});

test('a past run is stepped through from its folder, while a pool works there', async (context) => {
  const page = await newPage(context);
  await using folder = await temporaryFolder();
  const claude = gatedDriver();
  for (const prompt of ['one', 'two']) claude.open(prompt);
  const options = { slots: 1, budgetUsd: 1, stateDir: folder.path, driver: claude.driver };
  const first = await createPool(options);
  const { taskId } = await first.run('one');
  await first.drain();
  const pool = await createPool(options);
  await using history = await openHistory({ stateDir: folder.path });
  await using server = await inspectorServer({ history });
  await page.goto(server.url);
  await page.getByText('a past run, read only').waitFor();
  await taskOption(page, taskId).click();
  await lit(page, taskId, 'task.completed');

  await page.getByLabel('Events of').selectOption(taskId);
  await page.locator('#sequence').getByText('task.running').click();
  await lit(page, taskId, 'task.running');
  await page.locator('#counts').getByText('1 running').waitFor();
  await page.keyboard.press('ArrowLeft');
  await lit(page, taskId, 'task.pending.ready');
  await page.locator('#counts').getByText('1 waiting').waitFor();
  await page.getByLabel('Events of').selectOption('slot-0');
  await page.locator('#sequence').getByText('slot.busy').click();
  await lit(page, 'slot-0', 'slot.busy');
  await page.locator('#slots').getByText('busy').waitFor();
  await page.keyboard.press('Space');
  const later = await pool.run('two');
  await workRow(page, later.taskId).waitFor();

  expect(await page.locator('#stately').isVisible()).toBe(false);
  const order = await fetch(`${server.url}orders`, { method: 'POST', body: '{}' });
  expect(order.status).toBe(405);
  await page.close();
  await pool.drain();
});

interface View extends AsyncDisposable {
  readonly page: Page;
  readonly stage: Stage;
  readonly url: string;
  readonly requests: readonly string[];
  readonly problems: readonly string[];
}

/** The page, open before a pool of one slot with real processes. */
async function viewed(context: TestContext): Promise<View> {
  const page = await newPage(context);
  const feed = inspectionFeed();
  const stage = await fakePool(SCRIPT, { slots: 1, inspect: feed.observe });
  const server = await inspectorServer({ pool: stage.pool, feed });
  const requests: string[] = [];
  const problems: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(server.url);
  return {
    page,
    stage,
    requests,
    problems,
    url: server.url,
    async [Symbol.asyncDispose]() {
      await page.close();
      await stage.pool.drain({ timeoutMs: 0 });
      await server[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
    },
  };
}

function taskOption(page: Page, taskId: string): Locator {
  return page.getByRole('option', { name: taskId.slice(0, 13) }).first();
}

function workRow(page: Page, taskId: string) {
  return page.locator('#work').getByText(taskId.slice(0, 13));
}

async function newPage(context: TestContext): Promise<Page> {
  if (browser === undefined) return context.skip(HOW_TO_GET_IT);
  const page = await browser.newPage({ viewport: { width: 1_400, height: 900 } });
  page.setDefaultTimeout(10_000);
  return page;
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'inspector-page-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Resolves when that state of that actor is lit. */
async function lit(page: Page, actor: string, state: string): Promise<void> {
  await page.locator(`figure[data-actor="${actor}"] .lit[data-state="${state}"]`).waitFor();
}

async function reviewed(stage: Stage, prompt: string): Promise<string> {
  const taskId = await stage.pool.submitWithReview(prompt, { maxRejections: 1 });
  await eventOf(
    stage,
    ({ type, ...event }) => type === 'task.pendingReview' && 'taskId' in event && event.taskId === taskId,
  );
  return taskId;
}
