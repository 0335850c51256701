import { z } from 'zod';
import type { Connection } from './connection.ts';
import type { Formats } from './format.ts';
import { legible } from './legible.ts';
import { pendingPages } from './pending-pages.ts';
import type { ChainSave, EventQuery, Payloads, StoredPool, StoreView, TaskPlace, TaskSave } from './port.ts';
import type { ProblemShelf } from './problem-shelf.ts';
import { CHAIN_COLUMNS, chainOf, EVENT_COLUMNS, pendingOf, recordOf, TASK_COLUMNS, taskOf } from './rows.ts';
import { storeAttempt } from './store-error.ts';
import { countTasks } from './task-counts.ts';
import { searchTasks } from './task-search.ts';

const DEFAULT_EVENTS = 1_000;
const MOST_FAULTS = 20;

const poolRow = z.object({ last_seq: z.number(), last_event_seq: z.number(), v: z.number().nullable() });
const faultRow = z.object({ integrity_check: z.string() });

export interface StoreViewParts<Kept extends Payloads> {
  readonly connection: Connection;
  readonly formats: Formats<Kept>;
  readonly shelf: ProblemShelf;
  readonly file: string;
}

/** What can be asked of a database. What cannot be read is set aside on the way. */
export function storeView<Kept extends Payloads>({
  connection,
  formats,
  shelf,
  file,
}: StoreViewParts<Kept>): Omit<StoreView<Kept>, 'close'> {
  const reading = <Result>(work: () => Result): Result => storeAttempt({ file, what: 'read' }, work);

  return {
    load: async () => reading(load),
    task: (id) => reading(() => tasksIn(rowsWithId('tasks', id))[0]),
    chain: (id) => reading(() => chainsIn(rowsWithId('chains', id))[0]),
    tasks: (query) => reading(() => tasksIn(searchTasks(connection, query))),
    counts: async () => reading(() => countTasks(connection)),
    events: async (query) => reading(() => events(query)),
    problems: async () => reading(() => shelf.problems()),
    integrity: async () => reading(integrity),
  };

  function load(): StoredPool<Kept> {
    const [row] = connection.rows('SELECT no, last_seq, last_event_seq, v, data FROM pool');
    const { last_seq: lastSeq, last_event_seq: lastEventSeq, v } = poolRow.parse(row);
    const rows = v === null ? [] : [row];
    const [pool] = legible({ kind: 'pool', rows, formats }, shelf, recordOf<Kept['pool']>);
    const live = connection.rows(`SELECT ${CHAIN_COLUMNS} FROM chains WHERE ended IS NULL ORDER BY seq, no`);
    return { pool, chains: chainsIn(live), lastSeq, lastEventSeq, pending: pending() };
  }

  async function* pending(): AsyncGenerator<TaskSave<Kept['task']> | TaskPlace> {
    const pages = pendingPages((sql, values) => reading(() => connection.rows(sql, values)));
    for await (const rows of pages) {
      yield* reading(() => legible({ kind: 'task', rows, formats }, shelf, pendingOf<Kept['task']>));
    }
  }

  function events({ from = 1, taskId, limit = DEFAULT_EVENTS }: EventQuery = {}): readonly Kept['event'][] {
    const ofTask = taskId === undefined ? '' : 'AND task = (SELECT no FROM tasks WHERE id = ?)';
    const rows = connection.rows(
      `SELECT ${EVENT_COLUMNS} FROM events WHERE seq >= ? ${ofTask} ORDER BY seq LIMIT ?`,
      taskId === undefined ? [from, limit] : [from, taskId, limit],
    );
    return legible({ kind: 'event', rows, formats }, shelf, recordOf<Kept['event']>);
  }

  function integrity(): readonly string[] {
    const rows = connection.rows(`PRAGMA integrity_check(${MOST_FAULTS})`);
    return rows.map((row) => faultRow.parse(row).integrity_check).filter((fault) => fault !== 'ok');
  }

  function rowsWithId(table: 'tasks' | 'chains', id: string): readonly unknown[] {
    const columns = table === 'tasks' ? TASK_COLUMNS : CHAIN_COLUMNS;
    return connection.rows(`SELECT ${columns} FROM ${table} WHERE id = ?`, [id]);
  }

  function tasksIn(rows: readonly unknown[]): readonly TaskSave<Kept['task']>[] {
    return legible({ kind: 'task', rows, formats }, shelf, taskOf<Kept['task']>);
  }

  function chainsIn(rows: readonly unknown[]): readonly ChainSave<Kept['chain']>[] {
    return legible({ kind: 'chain', rows, formats }, shelf, chainOf<Kept['chain']>);
  }
}
