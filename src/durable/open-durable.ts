import type { ClaudeDriver } from '../ports.ts';
import type { RecoveryPolicy } from '../../machines/recovery.ts';
import type { Timestamp } from '../../machines/types.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { DurableStore } from '../store/port.ts';
import { withBell } from './commit-bell.ts';
import { formats } from './formats.ts';
import type { Kept } from './kept.ts';
import { recover } from './recover.ts';
import type { Recovery } from './recover.ts';

export interface Durable {
  readonly store: DurableStore<Kept>;
  readonly recovery: Recovery;
}

export interface OpenDurableOptions {
  readonly stateDir: string | undefined;
  readonly keepFinished: number | undefined;
  readonly driver: ClaudeDriver;
  readonly policy: RecoveryPolicy;
  /** The slots that the pool starts with. */
  readonly slotIds: readonly string[];
  readonly now: () => Timestamp;
  readonly signal: AbortSignal | undefined;
}

/** Opens what a pool is kept in; nothing for a pool that ends with its process. */
export async function openDurable({
  stateDir,
  keepFinished,
  driver,
  policy,
  slotIds,
  now,
  signal = new AbortController().signal,
}: OpenDurableOptions): Promise<Durable | undefined> {
  if (stateDir === undefined) return undefined;
  const kept = sqliteStore<Kept>({
    stateDir,
    formats,
    now,
    ...(keepFinished !== undefined && { keepFinished }),
  });
  const store = withBell(kept, stateDir);
  try {
    return { store, recovery: await recover({ store, driver, policy, slotIds, at: now(), signal }) };
  } catch (error) {
    await store.close();
    throw error;
  }
}
