import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { createPool } from 'claude-pool';
import type { Abortable, Pool, PoolEvent, PoolOptions, TaskInfo } from 'claude-pool';
import type { FakeClaudeEntry, Script } from 'claude-pool/testing';
import { houseIn } from './house.ts';
import type { House } from './house.ts';

/** A folder that goes with the test. */
export async function house(script: Script, options: PoolOptions = {}): Promise<House> {
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'pool-lives-')));
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  return houseIn(home, script, options);
}

/** A pool in this process, that is drained with the test. */
export async function openPool(options: PoolOptions & Abortable): Promise<Pool> {
  const pool = await createPool(options);
  onTestFinished(async () => {
    await pool.drain({ timeoutMs: 0 }).catch(() => undefined);
  });
  return pool;
}

/** All events that a pool has kept. */
export function allEvents(pool: Pool): Promise<readonly PoolEvent[]> {
  return pool.history({ limit: 1_000_000 });
}

/** Resolves when a fake Claude has heard a prompt with that text. */
export async function heard(place: House, text: string): Promise<void> {
  await written(place, (entry) => entry.type === 'prompt' && entry.prompt.includes(text));
}

/** Resolves when an answer was charged. */
export async function charged(place: House): Promise<void> {
  await written(place, ({ type }) => type === 'charged');
}

/** What the fake API has charged, in US dollars. */
export function chargedUsd(place: House): number {
  return place.journal().reduce((sum, entry) => sum + (entry.type === 'charged' ? entry.costUsd : 0), 0);
}

async function written(place: House, fits: (entry: FakeClaudeEntry) => boolean): Promise<void> {
  const isThere = (): void => expect(place.journal().some(fits)).toBe(true);
  await vi.waitFor(isThere, { timeout: 10_000, interval: 5 });
}

/** Resolves when the result of the task waits for review. */
export async function inReview(pool: Pool, taskId: string): Promise<TaskInfo> {
  if (pool.task(taskId).state !== 'pendingReview') {
    await new Promise<void>((resolve) => {
      pool.on('task.pendingReview', (event) => {
        if (event.taskId === taskId) resolve();
      });
    });
  }
  return pool.task(taskId);
}
