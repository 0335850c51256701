import { z } from 'zod';
import type { Timestamp } from '../../machines/types.ts';
import type { Connection } from './connection.ts';
import type { Payloads, StoreProblem } from './port.ts';
import { transaction } from './transaction.ts';

/** Where a record that cannot be read stands. */
export interface RecordPlace {
  readonly kind: keyof Payloads;
  /** Number of its row. */
  readonly no: number;
}

export interface ProblemShelf {
  /** Takes the record out of the way, or only notes it in a store that is open for reading. */
  setAside(place: RecordPlace, reason: string): void;
  problems(): readonly StoreProblem[];
}

interface ShelfOptions {
  readonly connection: Connection;
  readonly now: () => Timestamp;
}

const KINDS = {
  task: { from: 'tasks WHERE no = ?', key: 'id', remove: 'DELETE FROM tasks WHERE no = ?' },
  chain: { from: 'chains WHERE no = ?', key: 'id', remove: 'DELETE FROM chains WHERE no = ?' },
  event: {
    from: 'events WHERE seq = ?',
    key: 'CAST(seq AS TEXT)',
    remove: 'DELETE FROM events WHERE seq = ?',
  },
  pool: {
    from: 'pool WHERE no = ?',
    key: "'pool'",
    remove: 'UPDATE pool SET v = NULL, data = NULL WHERE no = ?',
  },
} as const;

const problemRow = z.object({
  kind: z.enum(['task', 'chain', 'pool', 'event']),
  key: z.string(),
  reason: z.string(),
  at: z.number(),
  record: z.string(),
});

export function problemShelf({ connection, now }: ShelfOptions): ProblemShelf {
  return {
    setAside({ kind, no }, reason) {
      const { from, key, remove } = KINDS[kind];
      transaction(connection, () => {
        connection.run(
          `INSERT INTO problems (kind, key, reason, at, v, record) SELECT ?, ${key}, ?, ?, v, data FROM ${from}`,
          [kind, reason, now(), no],
        );
        connection.run(remove, [no]);
      });
    },
    problems: () => storedProblems(connection),
  };
}

/** Writes nothing: what is found is kept in memory. */
export function readOnlyProblemShelf({ connection, now }: ShelfOptions): ProblemShelf {
  const found = new Map<string, StoreProblem>();

  return {
    setAside({ kind, no }, reason) {
      const { from, key } = KINDS[kind];
      const [row] = connection.rows(
        `SELECT ? AS kind, ${key} AS key, ? AS reason, ? AS at, data AS record FROM ${from}`,
        [kind, reason, now(), no],
      );
      found.set(`${kind} ${no}`, problemRow.parse(row));
    },
    problems: () => [...storedProblems(connection), ...found.values()],
  };
}

function storedProblems(connection: Connection): readonly StoreProblem[] {
  return connection
    .rows('SELECT kind, key, reason, at, record FROM problems ORDER BY no')
    .map((row) => problemRow.parse(row));
}
