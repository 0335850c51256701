import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { inspectionFeed } from '../src/inspector/inspection-feed.ts';
import { inspectorServer } from '../src/inspector/inspector-server.ts';
import { HOW_TO_GET_IT, openChromium } from './faces/chromium.ts';
import { eventOf, fakePool } from './pool/stage.ts';
import type { Stage } from './pool/stage.ts';

const FOLDER = fileURLToPath(new URL('../docs/pictures', import.meta.url));
const ENDLESS = { text: ['I read the files first. ', 'Then'], pieceDelayMs: 600_000 };

/** Work that is done, under way, waiting, and in review. */
const SCRIPT = {
  rules: [
    {
      when: 'changelog',
      answers: [{ text: 'Added: `--inspect` for the MCP server. Fixed: a drain that waited.' }],
    },
    { when: 'second part', times: 1, answers: [{ crash: 'beforeResult' }] },
    { when: 'Refactor', answers: [ENDLESS] },
    { when: 'slowest', answers: [ENDLESS] },
    { when: 'Review', answers: [ENDLESS] },
  ],
  otherwise: [{ echo: true, usage: { inputTokens: 21_000, outputTokens: 900 } }],
} as const;

const PARTS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];

const browser = await openChromium();
if (browser === undefined) throw new Error(HOW_TO_GET_IT);
const feed = inspectionFeed();
const stage = await fakePool(SCRIPT, {
  slots: [{ name: 'ada' }, { name: 'grace' }, { name: 'linus' }, { name: 'margaret' }],
  budgetUsd: 5,
  reservationUsd: 0.25,
  inspect: feed.observe,
});
const server = await inspectorServer({ pool: stage.pool, feed });
try {
  await mkdir(FOLDER, { recursive: true });
  const [light, dark] = [await opened('light'), await opened('dark')];
  const running = await work(stage);
  await shoot(light, 'live-page.png');
  await light.locator('#work').getByText(running.slice(0, 13)).click();
  await light.locator(`figure.focus[data-actor="${running}"] .lit`).first().waitFor();
  await light.locator('#board').screenshot({ path: path.join(FOLDER, 'board.png') });
  await light.keyboard.press('z');
  await shoot(light, 'charts.png');
  await dark.getByLabel('Events of').selectOption('slot-0');
  await dark.locator('#slots').getByText('ada', { exact: true }).click();
  await dark.locator('#sequence').getByText('session.settled').first().click();
  await shoot(dark, 'sequence.png');
} finally {
  await browser.close();
  await stage.pool.drain({ timeoutMs: 0 });
  await server[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
}

async function opened(colorScheme: 'light' | 'dark'): Promise<Page> {
  const page = await (browser as Browser).newPage({ viewport: { width: 1_320, height: 800 }, colorScheme });
  await page.goto(server.url);
  await page.locator('figure[data-actor="slot-3"]').waitFor();
  return page;
}

/** Resolves with the id of a task that runs. */
async function work({ pool }: Stage): Promise<string> {
  await pool.fanOut(PARTS.map((part) => `Explain the ${part} part of the queue.`));
  await pool.submitWithReview('Draft a changelog entry for the fix.');
  await eventOf(stage, ({ type }) => type === 'task.pendingReview');
  const running = await pool.submit('Refactor the queue.');
  await pool.submit('Find the slowest test.');
  for (const part of PARTS) await pool.submit(`Review the ${part} part of the docs.`);
  return running;
}

/** When the flashes are over, and the last batch was drawn. */
async function shoot(page: Page, name: string): Promise<void> {
  await page.locator('.flash').first().waitFor({ state: 'detached' });
  await page.screenshot({ path: path.join(FOLDER, name) });
}
