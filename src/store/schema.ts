import { z } from 'zod';
import { PoolError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { transaction } from './transaction.ts';

/** Marks the file as one of claude-pool: "ClPo". */
const APPLICATION_ID = 0x436c506f;

/**
 * The step to each version from the one before. A released step never changes.
 *
 * `no` is a task's place in the order of first saves: events point to it, since an index over random ids would touch
 * a page per event. `plain` says that a task waits and that its place is all there is to know of it. `rank` is the negative priority, so that one comparison of rows finds the next page. `ended`
 * counts what has ended.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE tasks (
    no INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, seq REAL NOT NULL, state TEXT NOT NULL,
    rank REAL NOT NULL, tags TEXT, until INTEGER, chain TEXT, updated INTEGER NOT NULL, ended INTEGER,
    v INTEGER NOT NULL, data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX tasks_live ON tasks (rank, seq, no, state, ended) WHERE ended IS NULL;
  CREATE INDEX tasks_ended ON tasks (state, ended) WHERE ended IS NOT NULL;
  CREATE INDEX tasks_chain ON tasks (chain) WHERE chain IS NOT NULL;
  CREATE TABLE tags (tag TEXT NOT NULL, task INTEGER NOT NULL, PRIMARY KEY (tag, task)) STRICT, WITHOUT ROWID;
  CREATE TRIGGER task_tagged AFTER INSERT ON tasks WHEN new.tags IS NOT NULL BEGIN
    INSERT OR IGNORE INTO tags SELECT value, new.no FROM json_each(new.tags);
  END;
  CREATE TRIGGER task_untagged AFTER DELETE ON tasks WHEN old.tags IS NOT NULL BEGIN
    DELETE FROM tags WHERE task = old.no AND tag IN (SELECT value FROM json_each(old.tags));
  END;
  CREATE TABLE chains (
    no INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, seq REAL NOT NULL, state TEXT NOT NULL,
    ended INTEGER, v INTEGER NOT NULL, data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX chains_live ON chains (seq) WHERE ended IS NULL;
  CREATE INDEX chains_ended ON chains (state, ended) WHERE ended IS NOT NULL;
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, task INTEGER,
    v INTEGER NOT NULL, data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_task ON events (task) WHERE task IS NOT NULL;
  CREATE TABLE pool (
    no INTEGER PRIMARY KEY CHECK (no = 1), last_seq REAL NOT NULL, last_event_seq INTEGER NOT NULL,
    v INTEGER, data TEXT
  ) STRICT;
  INSERT INTO pool VALUES (1, 0, 0, NULL, NULL);
  CREATE TABLE problems (
    no INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
    v INTEGER, record TEXT NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE tasks ADD COLUMN plain INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE tasks ADD COLUMN slot TEXT;
  `,
];

const headRow = z.object({ application: z.int(), version: z.int(), tables: z.int() });

/** Throws `STORE` for a file that this version does not know. Writes nothing. */
export function schemaVersionOf(connection: Connection, file: string): number {
  const [head] = connection.rows(
    'SELECT (SELECT application_id FROM pragma_application_id) AS application, ' +
      '(SELECT user_version FROM pragma_user_version) AS version, ' +
      '(SELECT count(*) FROM sqlite_schema) AS tables',
  );
  const { application, version, tables } = headRow.parse(head);
  const isNew = application === 0 && version === 0 && tables === 0;
  if (!isNew && application !== APPLICATION_ID) throw foreign(file);
  if (version > MIGRATIONS.length) throw newer(file, version);
  return version;
}

/** Brings the file to the present version, each step in a transaction of its own. */
export function migrate(connection: Connection, from: number): void {
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < from) continue;
    transaction(connection, () => {
      connection.exec(step);
      connection.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}`);
    });
  }
}

/** Throws `STORE` for a file that is older: only a pool brings it up to date. */
export function requirePresent(version: number, file: string): void {
  if (version === MIGRATIONS.length) return;
  throw new PoolError(
    'STORE',
    `Expected \`${file}\` to have version ${MIGRATIONS.length}, got ${version}. Start a pool on its folder once.`,
  );
}

function foreign(file: string): PoolError {
  return new PoolError(
    'STORE',
    `Expected \`${file}\` to be a store of claude-pool, got another database. Give another \`stateDir\`.`,
  );
}

function newer(file: string, version: number): PoolError {
  return new PoolError(
    'STORE',
    `Expected \`${file}\` to have version ${MIGRATIONS.length} or older, got ${version}. ` +
      'Update claude-pool; nothing was changed.',
  );
}
