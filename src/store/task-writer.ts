import { bulkInsert } from './bulk-insert.ts';
import type { Connection, Value } from './connection.ts';
import { endCounter } from './end-counter.ts';
import type { Format } from './format.ts';
import type { TaskSave } from './port.ts';

/** Writes tasks; a task that is there is overwritten, but for its place among those that have ended. */
export function taskWriter<Task>(connection: Connection, { version }: Format<Task>) {
  const ends = endCounter(connection, 'tasks');
  const insert = bulkInsert(connection, {
    head: 'INSERT INTO tasks (id, seq, state, rank, tags, until, chain, slot, plain, updated, ended, v, data)',
    row: '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    tail:
      'ON CONFLICT (id) DO UPDATE SET state = excluded.state, rank = excluded.rank, until = excluded.until, ' +
      'slot = excluded.slot, plain = excluded.plain, updated = excluded.updated, ended = coalesce(ended, excluded.ended), v = excluded.v, data = excluded.data',
  });

  return {
    write: (tasks: readonly TaskSave<Task>[]): void => insert(tasks.map(valuesOf)),
    lastEnd: () => ends.last(),
  };

  function valuesOf(task: TaskSave<Task>): readonly Value[] {
    const { id, seq, state, priority, tags, until, chainId, slotId, isPlain, updatedAt } = task;
    const tagText = tags === undefined || tags.length === 0 ? undefined : JSON.stringify(tags);
    const place = [id, seq, state, -priority, tagText, until, chainId, slotId, isPlain === true ? 1 : 0];
    return [...place, updatedAt, ends.of(state), version, JSON.stringify(task.data)];
  }
}
