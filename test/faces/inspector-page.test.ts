import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestContext } from 'vitest';
import { inspectionFeed } from '../../src/inspector/inspection-feed.ts';
import { inspectorServer } from '../../src/inspector/inspector-server.ts';
import { eventOf, fakePool } from '../pool/stage.ts';
import type { Stage } from '../pool/stage.ts';
import { HOW_TO_GET_IT, openChromium } from './chromium.ts';

const SCRIPT = { rules: [{ when: 'hang', answers: [{ silence: true }] }] } as const;

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
  await page
    .getByRole('option', { name: taskId.slice(0, 13) })
    .first()
    .click();
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

  await Promise.all(Array.from({ length: 1_000 }, () => stage.pool.submit('hang')));
  await page.getByText('· 1000').waitFor();

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

interface View extends AsyncDisposable {
  readonly page: Page;
  readonly stage: Stage;
  readonly url: string;
  readonly requests: readonly string[];
  readonly problems: readonly string[];
}

/** The page, open before a pool of one slot with real processes. */
async function viewed(context: TestContext): Promise<View> {
  if (browser === undefined) return context.skip(HOW_TO_GET_IT);
  const feed = inspectionFeed();
  const stage = await fakePool(SCRIPT, { slots: 1, inspect: feed.observe });
  const server = await inspectorServer({ pool: stage.pool, feed });
  const page = await browser.newPage({ viewport: { width: 1_400, height: 900 } });
  page.setDefaultTimeout(10_000);
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

function workRow(page: Page, taskId: string) {
  return page.locator('#work').getByText(taskId.slice(0, 13));
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
