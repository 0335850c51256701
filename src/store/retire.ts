import type { Connection } from './connection.ts';
import { ENDED_STATES } from './port.ts';

/** Beyond what a batch of the same size brings in, so that a backlog shrinks. */
const SLICE = 32;

export interface Bounds {
  readonly keepFinished: number;
  readonly keepEvents: number;
}

export interface Retirement {
  readonly bounds: Bounds;
  readonly lasts: { readonly task: number; readonly chain: number; readonly event: number };
  /** Rows that the batch wrote. */
  readonly size: number;
}

/** Removes the oldest beyond the bounds: a slice, so that no commit pays for a bound that was lowered. */
export function retire(connection: Connection, { bounds, lasts, size }: Retirement): void {
  const { keepFinished, keepEvents } = bounds;
  const slice = 2 * size + SLICE;
  removeUpTo(lasts.task - keepFinished, removalOf('tasks'));
  removeUpTo(lasts.chain - keepFinished, removalOf('chains'));
  removeUpTo(
    lasts.event - keepEvents,
    'DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE seq <= ? ORDER BY seq LIMIT ?)',
  );

  function removeUpTo(bound: number, sql: string): void {
    if (bound > 0) connection.run(sql, [bound, slice]);
  }
}

function removalOf(table: 'tasks' | 'chains'): string {
  const states = ENDED_STATES.map((state) => `'${state}'`).join();
  const oldest = `SELECT no FROM ${table} WHERE state IN (${states}) AND ended IS NOT NULL AND ended <= ? LIMIT ?`;
  return `DELETE FROM ${table} WHERE no IN (${oldest})`;
}
