import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../src/store/connection.ts';
import type { Connection } from '../../src/store/connection.ts';
import { openReadOnly } from '../../src/store/open-read-only.ts';
import { killAfter, startWorker } from './store-crash.ts';
import { batch, FORMATS, task } from './store-records.ts';
import { openStore, scratchDir } from './store-stage.ts';

/** Milliseconds: a process is started. */
const PATIENCE = 60_000;

test('a second pool of the same process is refused, and does no harm to the first', async () => {
  const stateDir = await scratchDir();
  const store = openStore({ stateDir });

  expect(() => openStore({ stateDir })).toThrow(
    expect.objectContaining({
      code: 'STORE',
      message:
        `Expected \`stateDir\` to be free, got \`${stateDir}\`, which the pool of process ${process.pid} ` +
        `on ${hostname()} (since 1970-01-01T00:00:05.000Z) works on. Stop that pool first, or give another folder.`,
    }),
  );
  expect(() => openStore({ stateDir })).toThrow(/to be free/);
  await store.commit(batch({ tasks: [task(1)] }));
  expect(store.task('task-1')).toEqual(task(1));
});

test(
  'a pool of another process keeps the folder until it ends, also by SIGKILL, and then at once',
  async () => {
    const stateDir = await scratchDir();
    const worker = await startWorker(stateDir);

    expect(() => openStore({ stateDir })).toThrow(`the pool of process ${worker.child.pid} on`);
    const last = await killAfter(worker, 3);
    const store = openStore({ stateDir });

    expect((await store.load()).lastEventSeq).toBeGreaterThanOrEqual(last);
    expect(await ownerIn(stateDir)).toMatchObject({ pid: process.pid });
  },
  PATIENCE,
);

test('a pool that is closed leaves the folder to the next', async () => {
  const stateDir = await scratchDir();
  const first = openStore({ stateDir });

  await first.close();
  const second = openStore({ stateDir });
  await first.close();

  expect(() => openStore({ stateDir })).toThrow(/to be free/);
  expect(await ownerIn(stateDir)).toMatchObject({ pid: process.pid });
  await second.commit(batch());
});

test('a closed store takes no commit', async () => {
  const store = openStore({ stateDir: await scratchDir() });

  await store.close();

  await expect(store.commit(batch())).rejects.toMatchObject({ code: 'STORE' });
});

test('a pool that cannot open its file leaves the folder free', async () => {
  const stateDir = await scratchDir();
  await openStore({ stateDir }).close();
  const file = path.join(stateDir, 'pool.db');
  const sound = await readFile(file);
  await writeFile(file, 'no database '.repeat(1_000));
  expect(() => openStore({ stateDir })).toThrow(/damaged/);
  await writeFile(file, sound);

  const store = openStore({ stateDir });

  expect(store.tasks()).toEqual([]);
});

test('an owner that has not signed yet is told of all the same', async () => {
  const stateDir = await scratchDir();
  openStore({ stateDir });
  await writeFile(path.join(stateDir, 'pool.owner.json'), '{"pid":');

  expect(() => openStore({ stateDir })).toThrow(/which another pool works on/);
});

test('readers come and go beside a pool without taking its lock', async () => {
  const stateDir = await scratchDir();
  openStore({ stateDir });

  await openReadOnly({ stateDir, formats: FORMATS }).close();

  expect(() => openStore({ stateDir })).toThrow(/to be free/);
});

test('a commit waits for a stranger who holds the file, and then rejects', async () => {
  const stateDir = await scratchDir();
  const store = openStore({ stateDir, connect: connectImpatient });
  const intruder = connect(path.join(stateDir, 'pool.db'));
  intruder.exec('BEGIN IMMEDIATE');

  const refused = store.commit(batch({ tasks: [task(1)] }));

  await expect(refused).rejects.toMatchObject({
    code: 'STORE',
    message: expect.stringMatching(/Another process holds the file/),
  });
  intruder.exec('ROLLBACK');
  intruder.close();
});

async function ownerIn(stateDir: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(stateDir, 'pool.owner.json'), 'utf8'));
}

function connectImpatient(file: string): Connection {
  const connection = connect(file);
  return {
    ...connection,
    exec: (sql) => connection.exec(sql.replace(/timeout = \d+/, 'timeout = 20')),
  };
}
