import type Libsql from 'libsql';
import { lazily } from '../lazily.ts';

export type Value = string | number | null | undefined;

/** One connection to a database file. Statements are prepared once and kept by their text. */
export interface Connection {
  exec(sql: string): void;
  run(sql: string, values: readonly Value[]): void;
  rows(sql: string, values?: readonly Value[]): readonly unknown[];
  isInTransaction(): boolean;
  /** What is called after it throws. */
  close(): void;
}

export type Connect = (file: string) => Connection;

const libsql = lazily((require): typeof Libsql => require('libsql'));

export const connect: Connect = (file) => {
  const statements = new Map<string, Libsql.Statement>();
  const Database = libsql();
  let database: Libsql.Database | undefined = new Database(file);

  function opened(): Libsql.Database {
    if (database === undefined) throw new Error('The store is closed.');
    return database;
  }

  function prepared(sql: string): Libsql.Statement {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = opened().prepare(sql);
    statements.set(sql, statement);
    return statement;
  }

  return {
    exec: (sql) => void opened().exec(sql),
    run: (sql, values) => void prepared(sql).run(values),
    rows: (sql, values = []) => prepared(sql).all(values),
    isInTransaction: () => opened().inTransaction,
    close() {
      database?.close();
      database = undefined;
      statements.clear();
    },
  };
};
