import { bulkInsert } from './bulk-insert.ts';
import type { Connection } from './connection.ts';
import type { Format } from './format.ts';
import type { StoredEvent } from './port.ts';

/** Appends events. A task of theirs is to be written before. */
export function eventWriter<Event extends StoredEvent>(connection: Connection, { version }: Format<Event>) {
  const insert = bulkInsert(connection, {
    head: 'INSERT INTO events (seq, at, type, task, v, data)',
    row: '(?, ?, ?, (SELECT no FROM tasks WHERE id = ?), ?, ?)',
  });

  return (events: readonly Event[]): void =>
    insert(
      events.map((event) => [event.seq, event.at, event.type, event.taskId, version, JSON.stringify(event)]),
    );
}
