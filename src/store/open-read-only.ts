import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Timestamp } from '../../machines/types.ts';
import { PoolError } from '../errors.ts';
import { connect as connectLibsql } from './connection.ts';
import type { Connect } from './connection.ts';
import type { Formats } from './format.ts';
import type { Payloads, StoreView } from './port.ts';
import { readOnlyProblemShelf } from './problem-shelf.ts';
import { requirePresent, schemaVersionOf } from './schema.ts';
import { stateFolder } from './state-folder.ts';
import { storeAttempt } from './store-error.ts';
import { storeView } from './store-view.ts';

const BUSY_TIMEOUT_MS = 5_000;

export interface ReadOnlyOptions<Kept extends Payloads> {
  readonly stateDir: string;
  readonly formats: Formats<Kept>;
  readonly now?: () => Timestamp;
  readonly connect?: Connect;
}

/** Reads a pool's folder, also while the pool works on it. Throws `STORE` when there is no store. */
export function openReadOnly<Kept extends Payloads>({
  stateDir,
  formats,
  now = Date.now,
  connect = connectLibsql,
}: ReadOnlyOptions<Kept>): StoreView<Kept> {
  const { database: file } = stateFolder(stateDir);
  if (!existsSync(file)) throw missing(stateDir);
  const connection = storeAttempt({ file, what: 'open' }, () =>
    connect(`${pathToFileURL(file).href}?mode=ro`),
  );
  try {
    storeAttempt({ file, what: 'read' }, () => {
      connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      requirePresent(schemaVersionOf(connection, file), file);
    });
  } catch (error) {
    connection.close();
    throw error;
  }
  return {
    ...storeView({ connection, formats, file, shelf: readOnlyProblemShelf({ connection, now }) }),
    async close() {
      connection.close();
    },
  };
}

function missing(stateDir: string): PoolError {
  return new PoolError(
    'STORE',
    `Expected \`${stateDir}\` to hold the state of a pool, got no \`pool.db\` in it. Name the folder of a pool with \`stateDir\`, or \`--state-dir\`.`,
  );
}
