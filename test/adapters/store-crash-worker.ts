/** Commits numbered batches to a store until it is killed, and says each number once it is durable. */
import { writeSync } from 'node:fs';
import { sqliteStore } from '../../src/store/sqlite-store.ts';
import { batch, event, FORMATS, task } from './store-records.ts';
import type { Kept } from './store-records.ts';

const [stateDir = ''] = process.argv.slice(2);
const store = sqliteStore<Kept>({ stateDir, formats: FORMATS });
const { lastEventSeq } = await store.load();
writeSync(1, `ready ${lastEventSeq}\n`);

for (let number = lastEventSeq + 1; ; number += 1) {
  const pair = [2 * number - 1, 2 * number].map((seq) => task(seq));
  const done = number === 1 ? [] : [task(2 * number - 3, { state: 'completed' })];
  await store.commit(
    batch({
      tasks: [...pair, ...done],
      events: [event(number, `task-${2 * number}`)],
      pool: { spent: number },
    }),
  );
  writeSync(1, `${number}\n`);
}
