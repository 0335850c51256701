import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPool } from 'claude-pool';
import type { Pool, PoolEvent, PoolOptions } from 'claude-pool';
import { fakeClaude } from 'claude-pool/testing';
import type { FakeClaudeEntry, FakeClaudePrompt, Script } from 'claude-pool/testing';

export interface JournalledPool extends AsyncDisposable {
  readonly pool: Pool;
  /** Every event since the pool was open. */
  readonly events: readonly PoolEvent[];
  /** The prompts that the fake Claudes have heard, in order. */
  heard(): Promise<readonly FakeClaudePrompt[]>;
  /** What the API has charged, in US dollars. */
  chargedUsd(): Promise<number>;
}

/** A pool of fake Claudes that write down what they hear and what they are charged. */
export async function journalledPool(script: Script, options: PoolOptions = {}): Promise<JournalledPool> {
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'pool-test-')));
  const journal = path.join(home, 'journal.jsonl');
  const { env, ...claude } = fakeClaude({ script, counters: path.join(home, 'counters'), journal });
  const pool = await createPool({
    ...options,
    claude: { ...options.claude, ...claude, cwd: home, env: { ...env, CLAUDE_CONFIG_DIR: home } },
  });
  const events: PoolEvent[] = [];
  pool.on('event', (event) => events.push(event));
  return {
    pool,
    events,
    async heard() {
      const entries = await entriesOf(journal);
      return entries.filter((entry) => entry.type === 'prompt');
    },
    async chargedUsd() {
      const entries = await entriesOf(journal);
      return entries.reduce((sum, entry) => sum + (entry.type === 'charged' ? entry.costUsd : 0), 0);
    },
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function entriesOf(journal: string): Promise<readonly FakeClaudeEntry[]> {
  const text = await readFile(journal, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
