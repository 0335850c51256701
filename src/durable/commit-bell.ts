import { closeSync, futimesSync, openSync } from 'node:fs';
import path from 'node:path';
import type { DurableStore, Payloads } from '../store/port.ts';

/** The file whose times change after each commit: who follows a pool from outside watches it. */
export const COMMIT_BELL = 'pool.bell';

/** The store, with a ring after each commit. Its own files change before what is written can be read. */
export function withBell<Kept extends Payloads>(
  store: DurableStore<Kept>,
  stateDir: string,
): DurableStore<Kept> {
  const bell = openSync(path.join(stateDir, COMMIT_BELL), 'a', 0o600);
  let closed: Promise<void> | undefined;

  async function close(): Promise<void> {
    closeSync(bell);
    await store.close();
  }

  return {
    ...store,
    async commit(batch) {
      await store.commit(batch);
      const now = new Date();
      futimesSync(bell, now, now);
    },
    close: () => (closed ??= close()),
  };
}
