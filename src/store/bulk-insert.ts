import type { Connection, Value } from './connection.ts';

/** Rows per statement: calling SQLite costs more than what a row does. */
const SIZES = [32, 8, 1];

export interface BulkInsertForm {
  /** Up to `VALUES`. */
  readonly head: string;
  /** Placeholders of one row, with their brackets. */
  readonly row: string;
  readonly tail?: string;
}

/** Inserts any number of rows with few statements. */
export function bulkInsert(connection: Connection, { head, row, tail = '' }: BulkInsertForm) {
  const forms = SIZES.map((size) => ({
    size,
    sql: `${head} VALUES ${Array.from({ length: size }, () => row).join()} ${tail}`,
  }));

  return (rows: readonly (readonly Value[])[]): void => {
    let start = 0;
    for (const { size, sql } of forms) {
      for (; rows.length - start >= size; start += size) {
        connection.run(sql, rows.slice(start, start + size).flat());
      }
    }
  };
}
