import type { Timestamp } from '../../machines/types.ts';
import { PoolError } from '../errors.ts';
import { batchWriter } from './batch-writer.ts';
import { connect as connectLibsql } from './connection.ts';
import type { Connect } from './connection.ts';
import type { Formats } from './format.ts';
import { openDatabase } from './open-database.ts';
import { takePoolLock } from './pool-lock.ts';
import { DEFAULT_RETENTION } from './port.ts';
import type { DurableStore, Payloads, Retention } from './port.ts';
import { problemShelf } from './problem-shelf.ts';
import { makeStateFolder, stateFolder } from './state-folder.ts';
import { storeAttempt } from './store-error.ts';
import { storeView } from './store-view.ts';

export interface SqliteStoreOptions<Kept extends Payloads> extends Retention {
  /** Folder of one pool. It is made when there is none, for the user alone. */
  readonly stateDir: string;
  readonly formats: Formats<Kept>;
  /**
   * `full`: what was acknowledged survives a power cut. `normal`: it survives the end of the process in any way, a
   * power cut takes the last moments. @default 'full'
   */
  readonly synchronous?: 'full' | 'normal';
  readonly now?: () => Timestamp;
  /** How a database file is opened; tests make it fail. */
  readonly connect?: Connect;
}

/**
 * Keeps a pool in a folder, in one SQLite file. One pool at a time may work on it.
 * Throws `STORE` when another pool does, and when the file is damaged, newer or not to be written.
 */
export function sqliteStore<Kept extends Payloads>({
  stateDir,
  formats,
  keepFinished = DEFAULT_RETENTION.keepFinished,
  keepEvents = DEFAULT_RETENTION.keepEvents,
  synchronous = 'full',
  now = Date.now,
  connect = connectLibsql,
}: SqliteStoreOptions<Kept>): DurableStore<Kept> {
  const folder = stateFolder(stateDir);
  const file = folder.database;
  const release = storeAttempt({ file, what: 'open' }, () => {
    makeStateFolder(folder);
    return takePoolLock({ folder, connect, now });
  });
  const { connection, write } = openOr(release);
  let failure: unknown;
  let closed: Promise<void> | undefined;

  return {
    ...storeView({ connection, formats, file, shelf: problemShelf({ connection, now }) }),
    async commit(batch) {
      if (failure !== undefined) throw refusal(file, failure);
      try {
        storeAttempt({ file, what: 'write to' }, () => write(batch));
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    close: () => (closed ??= end()),
  };

  function openOr(undo: () => void) {
    try {
      return storeAttempt({ file, what: 'open' }, () => {
        const opened = openDatabase(file, { connect, synchronous });
        const bounds = { keepFinished, keepEvents };
        return { connection: opened, write: batchWriter({ connection: opened, formats, bounds }) };
      });
    } catch (error) {
      undo();
      throw error;
    }
  }

  async function end(): Promise<void> {
    try {
      connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // The log beside the file holds all that was committed: the next pool takes it in.
    }
    connection.close();
    release();
  }
}

function refusal(file: string, cause: unknown): PoolError {
  return new PoolError(
    'STORE',
    `Expected every commit to \`${file}\` so far to have succeeded, got one that failed. Start the pool again.`,
    { cause },
  );
}
