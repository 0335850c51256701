import type { Connect, Connection } from './connection.ts';
import { migrate, schemaVersionOf } from './schema.ts';

/** Readers beside the pool hold it up for moments only. */
const BUSY_TIMEOUT_MS = 5_000;
const LARGEST_IDLE_LOG_BYTES = 16 * 1024 * 1024;

export interface DatabaseOptions {
  readonly connect: Connect;
  readonly synchronous: 'full' | 'normal';
}

/** Opens a pool's database for writing, at the present version. */
export function openDatabase(file: string, { connect, synchronous }: DatabaseOptions): Connection {
  const connection = connect(file);
  try {
    connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    const version = schemaVersionOf(connection, file);
    connection.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; ` +
        `PRAGMA journal_size_limit = ${LARGEST_IDLE_LOG_BYTES}`,
    );
    migrate(connection, version);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
