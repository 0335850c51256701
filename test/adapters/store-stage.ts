import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { DurableStore } from '../../src/store/port.ts';
import { sqliteStore } from '../../src/store/sqlite-store.ts';
import type { SqliteStoreOptions } from '../../src/store/sqlite-store.ts';
import { FORMATS } from './store-records.ts';
import type { Kept } from './store-records.ts';

/** A folder that goes with the test. */
export async function scratchDir(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'claude-pool-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return path.join(folder, 'state');
}

/** A store that is closed with the test. */
export function openStore(
  options: Omit<SqliteStoreOptions<Kept>, 'formats'> & Partial<Pick<SqliteStoreOptions<Kept>, 'formats'>>,
): DurableStore<Kept> {
  const store = sqliteStore<Kept>({ formats: FORMATS, now: () => 5_000, ...options });
  onTestFinished(() => store.close());
  return store;
}
