import { z } from 'zod';
import type { Connection, Value } from './connection.ts';
import { ENDED_STATES, hasEnded } from './port.ts';
import type { EndedState, TaskQuery } from './port.ts';
import { TASK_COLUMNS } from './rows.ts';

const DEFAULT_LIMIT = 100;

const endedRow = z.object({ ended: z.number() });

/** Rows of the tasks that a query names: those that have not ended, then the others, the last that ended first. */
export function searchTasks(connection: Connection, query: TaskQuery = {}): readonly unknown[] {
  const { state, limit = DEFAULT_LIMIT } = query;
  const live = state !== undefined && hasEnded(state) ? [] : liveRows(connection, { ...query, limit });
  const rest = limit - live.length;
  const states = state === undefined ? ENDED_STATES : ENDED_STATES.filter((ended) => ended === state);
  const ended =
    rest <= 0 ? [] : states.flatMap((each) => endedRows(connection, each, { ...query, limit: rest }));
  return [...live, ...ended.toSorted(byEnd).slice(0, rest)];
}

function liveRows(connection: Connection, { state, limit, ...narrow }: TaskQuery): readonly unknown[] {
  const { sql, values, free } = narrowing(narrow);
  const inState = state === undefined ? '' : 'AND state = ?';
  return connection.rows(
    `SELECT ${TASK_COLUMNS} FROM tasks WHERE ${free}ended IS NULL ${inState} ${sql} ORDER BY rank, seq, no LIMIT ?`,
    [...(state === undefined ? [] : [state]), ...values, limit],
  );
}

function endedRows(
  connection: Connection,
  state: EndedState,
  { limit, ...narrow }: TaskQuery,
): readonly unknown[] {
  const { sql, values, free } = narrowing(narrow);
  return connection.rows(
    `SELECT ${TASK_COLUMNS} FROM tasks WHERE ${free}state = ? AND ${free}ended IS NOT NULL ${sql} ` +
      'ORDER BY ended DESC LIMIT ?',
    [state, ...values, limit],
  );
}

interface Narrowing {
  readonly sql: string;
  readonly values: readonly Value[];
  /** A `+` takes a column out of the choice of an index: tag and chain are the narrower ones. */
  readonly free: '+' | '';
}

function narrowing({ tag, chainId, slotId }: Pick<TaskQuery, 'tag' | 'chainId' | 'slotId'>): Narrowing {
  const byTag = tag === undefined ? '' : 'AND no IN (SELECT task FROM tags WHERE tag = ?)';
  const byChain = chainId === undefined ? '' : 'AND chain = ?';
  const bySlot = slotId === undefined ? '' : 'AND slot = ?';
  return {
    sql: `${byTag} ${byChain} ${bySlot}`,
    values: [tag, chainId, slotId].filter((value) => value !== undefined),
    free: tag === undefined && chainId === undefined ? '' : '+',
  };
}

function byEnd(one: unknown, other: unknown): number {
  return endedRow.parse(other).ended - endedRow.parse(one).ended;
}
