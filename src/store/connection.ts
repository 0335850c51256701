import Database from 'libsql';

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

export const connect: Connect = (file) => {
  const statements = new Map<string, Database.Statement>();
  let database: Database.Database | undefined = new Database(file);

  function opened(): Database.Database {
    if (database === undefined) throw new Error('The store is closed.');
    return database;
  }

  function prepared(sql: string): Database.Statement {
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
