import type { Connection } from './connection.ts';

/** All of it or nothing. SQLite itself rolls back after some errors, such as a full disk. */
export function transaction(connection: Connection, work: () => void): void {
  connection.exec('BEGIN IMMEDIATE');
  try {
    work();
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isInTransaction()) connection.exec('ROLLBACK');
    throw error;
  }
}
