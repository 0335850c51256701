import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, vi } from 'vitest';
import { createPool } from 'claude-pool';
import type { Abortable, Pool, PoolEvent, PoolOptions, TaskInfo } from 'claude-pool';
import type { FakeClaudeEntry, Script } from 'claude-pool/testing';
import { deferred } from '../../src/claude/deferred.ts';
import { houseIn } from './house.ts';
import type { House } from './house.ts';

const WORKER = fileURLToPath(new URL('life-worker.ts', import.meta.url));

/** A pool in a process of its own, that can be killed. */
export interface Life {
  readonly pid: number;
  /** Every event since the pool was open. */
  readonly events: readonly PoolEvent[];
  /** Calls a method of the pool. */
  call(method: keyof Pool, ...args: readonly unknown[]): Promise<unknown>;
  /** Resolves with the first event that fits, past or future. */
  event(fits: (event: PoolEvent) => boolean): Promise<PoolEvent>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

export type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'event'; readonly event: PoolEvent }
  | { readonly type: 'value'; readonly no: number; readonly value?: unknown }
  | { readonly type: 'error'; readonly no?: number; readonly code: string; readonly message: string };

/** A folder that goes with the test. */
export async function house(script: Script, options: PoolOptions = {}): Promise<House> {
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'pool-lives-')));
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  return houseIn(home, script, options);
}

/** Starts a pool in a process of its own. Rejects with what kept the pool from starting. */
export async function startLife(options: PoolOptions): Promise<Life> {
  const child = fork(WORKER, [JSON.stringify(options)], { execArgv: ['--import', 'tsx'] });
  const ready = deferred<Error | undefined>();
  const events: PoolEvent[] = [];
  const listeners = new Set<(event: PoolEvent) => void>();
  const calls = new Map<number, ReturnType<typeof deferred<Answer>>>();
  child.on('message', (answer: Answer) => {
    if (answer.type === 'ready') ready.resolve(undefined);
    else if (answer.type === 'event') tell(answer.event);
    else if (answer.type === 'error' && answer.no === undefined) ready.resolve(errorOf(answer));
    else calls.get(answer.no ?? 0)?.resolve(answer);
  });

  function tell(event: PoolEvent): void {
    events.push(event);
    for (const listener of listeners) listener(event);
  }

  const failure = await ready.promise;
  if (failure !== undefined) throw failure;
  return {
    pid: child.pid ?? 0,
    events,
    async call(method, ...args) {
      const no = calls.size + 1;
      const answer = deferred<Answer>();
      calls.set(no, answer);
      child.send({ no, method, args });
      const given = await answer.promise;
      if (given.type === 'error') throw errorOf(given);
      return given.type === 'value' ? given.value : undefined;
    },
    event(fits) {
      const past = events.find(fits);
      if (past !== undefined) return Promise.resolve(past);
      return new Promise((resolve) => {
        const listener = (event: PoolEvent): void => {
          if (!fits(event)) return;
          listeners.delete(listener);
          resolve(event);
        };
        listeners.add(listener);
      });
    },
    kill: () => killed(child),
  };
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

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function errorOf({ code, message }: Extract<Answer, { type: 'error' }>): Error {
  return Object.assign(new Error(message), { code });
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
