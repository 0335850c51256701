import { bulkInsert } from './bulk-insert.ts';
import type { Connection } from './connection.ts';
import { endCounter } from './end-counter.ts';
import type { Format } from './format.ts';
import type { ChainSave } from './port.ts';

/** Writes chains; a chain that is there is overwritten, but for its place among those that have ended. */
export function chainWriter<Chain>(connection: Connection, { version }: Format<Chain>) {
  const ends = endCounter(connection, 'chains');
  const insert = bulkInsert(connection, {
    head: 'INSERT INTO chains (id, seq, state, ended, v, data)',
    row: '(?, ?, ?, ?, ?, ?)',
    tail:
      'ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended = coalesce(ended, excluded.ended), ' +
      'v = excluded.v, data = excluded.data',
  });

  return {
    write: (chains: readonly ChainSave<Chain>[]): void =>
      insert(
        chains.map(({ id, seq, state, data }) => [
          id,
          seq,
          state,
          ends.of(state),
          version,
          JSON.stringify(data),
        ]),
      ),
    lastEnd: () => ends.last(),
  };
}
