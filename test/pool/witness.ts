import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Pool, PoolEvent, PoolOptions } from 'claude-pool';
import { fakeApi, fakeClaude, realClaude, scratchHome } from 'claude-pool/testing';
import type { FakeApi, FakeClaudeEntry, FakeClaudePrompt, Script } from 'claude-pool/testing';
import { expect, vi } from 'vitest';
import { eventOf, stage } from './stage.ts';
import type { Stage } from './stage.ts';

export interface WatchedPool extends Stage {
  /** Resolves with the first event that fits, past or future. */
  event(fits: (event: PoolEvent) => boolean): Promise<PoolEvent>;
}

export interface FakeWitness extends WatchedPool {
  /** What the fake Claudes have heard, in the order in which they heard it. */
  prompts(): readonly FakeClaudePrompt[];
}

export interface RealWitness extends WatchedPool {
  readonly api: FakeApi;
}

export const EMPTY: Script = { rules: [] };
export const HANG: Script['rules'][number] = { when: 'hang', answers: [{ silence: true }] };

/** A pool of fake Claudes that write down what they hear. */
export async function fakeWitness(script: Script, options: PoolOptions = {}): Promise<FakeWitness> {
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'pool-test-')));
  const journal = path.join(home, 'journal.jsonl');
  const { env, ...claude } = fakeClaude({ script, counters: home, journal });
  const watched = await watchedPool(
    { ...options, claude: { ...claude, cwd: home, env: { ...env, CLAUDE_CONFIG_DIR: home } } },
    () => rm(home, { recursive: true, force: true, maxRetries: 5 }),
  );
  return { ...watched, prompts: () => promptsIn(journal) };
}

/** A pool of the newest real CLI, with the API that it asks. */
export async function realWitness(script: Script, options: PoolOptions = {}): Promise<RealWitness> {
  const api = await fakeApi({ script });
  const { cwd, env, ...home } = await scratchHome({ url: api.url });
  const { command } = realClaude('newest');
  const watched = await watchedPool({ ...options, claude: { command, cwd, env } }, async () => {
    await api.stop();
    await home[Symbol.asyncDispose]();
  });
  return { ...watched, api };
}

/** Resolves when so many slots of the pool are idle. */
export async function idleSlots(pool: Pool, count: number): Promise<void> {
  await vi.waitFor(() => expect(pool.findSlots({ state: 'idle' })).toHaveLength(count), { timeout: 10_000 });
}

async function watchedPool(options: PoolOptions, cleanUp: () => Promise<void>): Promise<WatchedPool> {
  const staged = await stage(options, cleanUp);
  return { ...staged, event: (fits) => eventOf(staged, fits) };
}

function promptsIn(journal: string): readonly FakeClaudePrompt[] {
  if (!existsSync(journal)) return [];
  return readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): FakeClaudeEntry => JSON.parse(line))
    .filter((entry): entry is FakeClaudePrompt => entry.type === 'prompt');
}
