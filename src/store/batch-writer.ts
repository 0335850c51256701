import { chainWriter } from './chain-writer.ts';
import type { Connection } from './connection.ts';
import { eventWriter } from './event-writer.ts';
import type { Formats } from './format.ts';
import type { Payloads, StoreBatch } from './port.ts';
import { retire } from './retire.ts';
import type { Bounds } from './retire.ts';
import { taskWriter } from './task-writer.ts';
import { transaction } from './transaction.ts';

export interface BatchWriterParts<Kept extends Payloads> {
  readonly connection: Connection;
  readonly formats: Formats<Kept>;
  readonly bounds: Bounds;
}

/** Writes a batch in one transaction, which also removes what is beyond the bounds. */
export function batchWriter<Kept extends Payloads>({ connection, formats, bounds }: BatchWriterParts<Kept>) {
  const taskBook = taskWriter<Kept['task']>(connection, formats.task);
  const chainBook = chainWriter<Kept['chain']>(connection, formats.chain);
  const writeEvents = eventWriter<Kept['event']>(connection, formats.event);

  return (batch: StoreBatch<Kept>): void => {
    const { events, pool } = batch;
    const tasks = latest(batch.tasks);
    const chains = latest(batch.chains);
    const lastEvent = highest(events);
    transaction(connection, () => {
      taskBook.write(tasks);
      chainBook.write(chains);
      writeEvents(events);
      writeMarks(Math.max(highest(tasks), highest(chains)), lastEvent);
      if (pool !== undefined) writePool(pool);
      retire(connection, {
        bounds,
        lasts: { task: taskBook.lastEnd(), chain: chainBook.lastEnd(), event: lastEvent },
        size: Math.max(tasks.length, chains.length, events.length),
      });
    });
  };

  function writeMarks(seq: number, eventSeq: number): void {
    connection.run('UPDATE pool SET last_seq = max(last_seq, ?), last_event_seq = max(last_event_seq, ?)', [
      seq,
      eventSeq,
    ]);
  }

  function writePool(pool: Kept['pool']): void {
    connection.run('UPDATE pool SET v = ?, data = ?', [formats.pool.version, JSON.stringify(pool)]);
  }
}

function latest<Save extends { readonly id: string }>(saves: readonly Save[]): readonly Save[] {
  return [...new Map(saves.map((save) => [save.id, save])).values()];
}

function highest(numbered: readonly { readonly seq: number }[]): number {
  return numbered.reduce((high, { seq }) => Math.max(high, seq), 0);
}
