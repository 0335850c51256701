import { chmod, copyFile, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../src/store/connection.ts';
import type { Connection } from '../../src/store/connection.ts';
import { openReadOnly } from '../../src/store/open-read-only.ts';
import { faultyConnect } from './store-faults.ts';
import type { Fault } from './store-faults.ts';
import { batch, chain, event, FORMATS, idsOf, task } from './store-records.ts';
import { openStore, scratchDir } from './store-stage.ts';

test('the folder and its files are for the user alone', async () => {
  const stateDir = await scratchDir();
  const store = openStore({ stateDir });
  await store.commit(batch({ tasks: [task(1)] }));

  const files = await readdir(stateDir);

  expect(files.toSorted()).toEqual(['pool.db', 'pool.db-shm', 'pool.db-wal', 'pool.lock', 'pool.owner.json']);
  expect(await modeOf(stateDir)).toBe(0o700);
  expect(await Promise.all(files.map((file) => modeOf(path.join(stateDir, file))))).toEqual(
    files.map(() => 0o600),
  );
});

test('files that others could read are closed to them', async () => {
  const stateDir = await scratchDir();
  await openStore({ stateDir }).close();
  await chmod(path.join(stateDir, 'pool.db'), 0o644);

  openStore({ stateDir });

  expect(await modeOf(path.join(stateDir, 'pool.db'))).toBe(0o600);
});

test('a commit is synchronised with the disk, unless the pool asks for less', async () => {
  const synchronous: unknown[] = [];
  const spied = (file: string): Connection => {
    const connection = connect(file);
    return {
      ...connection,
      run(sql, values) {
        connection.run(sql, values);
        synchronous.push(...connection.rows('PRAGMA synchronous'));
      },
    };
  };

  await openStore({ stateDir: await scratchDir(), connect: spied }).commit(batch());
  await openStore({ stateDir: await scratchDir(), connect: spied, synchronous: 'normal' }).commit(batch());

  expect(synchronous).toEqual([{ synchronous: 2 }, { synchronous: 1 }]);
});

test('a file of a newer version is refused and stays as it is', async () => {
  const stateDir = await scratchDir();
  await withDatabase(stateDir, (database) => database.exec('PRAGMA user_version = 99'));
  const before = await readFile(path.join(stateDir, 'pool.db'));

  expect(() => openStore({ stateDir })).toThrow(
    expect.objectContaining({ code: 'STORE', message: expect.stringMatching(/version 2 or older, got 99/) }),
  );
  expect(() => openReadOnly({ stateDir, formats: FORMATS })).toThrow(/version 2 or older, got 99/);
  expect(await readFile(path.join(stateDir, 'pool.db'))).toEqual(before);
});

test('the database of another program is refused and stays as it is', async () => {
  const stateDir = await scratchDir();
  await mkdir(stateDir);
  const file = path.join(stateDir, 'pool.db');
  const database = connect(file);
  database.exec('CREATE TABLE theirs (a)');
  database.close();
  const before = await readFile(file);

  expect(() => openStore({ stateDir })).toThrow(/to be a store of claude-pool, got another database/);
  expect(await readFile(file)).toEqual(before);
});

test('a file that was made and never filled becomes a store', async () => {
  const stateDir = await scratchDir();
  await mkdir(stateDir);
  await writeFile(path.join(stateDir, 'pool.db'), '');

  const store = openStore({ stateDir });

  expect((await store.load()).lastSeq).toBe(0);
});

test('a file of an older version is brought up to date and keeps what it holds', async () => {
  const stateDir = await scratchDir();
  const first = openStore({ stateDir });
  await first.commit(batch({ tasks: [task(1)] }));
  await first.close();
  await withDatabase(stateDir, (database) =>
    database.exec(
      'ALTER TABLE tasks DROP COLUMN plain; ALTER TABLE tasks DROP COLUMN slot; PRAGMA user_version = 1',
    ),
  );

  expect(() => openReadOnly({ stateDir, formats: FORMATS })).toThrow(/version 2, got 1/);
  const store = openStore({ stateDir });
  await store.commit(batch({ tasks: [task(2, { isPlain: true, slotId: 'slot-0' })] }));

  expect(store.tasks()).toEqual([task(1), task(2, { isPlain: true, slotId: 'slot-0' })]);
});

test('a migration that fails leaves nothing behind', async () => {
  const stateDir = await scratchDir();
  let fault: Fault | undefined = { at: /PRAGMA application_id/, code: 'SQLITE_FULL' };
  const faulty = faultyConnect(() => fault);
  expect(() => openStore({ stateDir, connect: faulty })).toThrow(/disk is full/);
  fault = undefined;

  const store = openStore({ stateDir, connect: faulty });

  expect(await store.integrity()).toEqual([]);
});

test('a record that is torn is set aside and reported; the others are read', async () => {
  const stateDir = await scratchDir();
  await withDatabase(
    stateDir,
    (database) => {
      database.run("UPDATE tasks SET data = ? WHERE id = 'task-1'", ['{"prompt": "wo']);
      database.run("UPDATE tasks SET data = ? WHERE id = 'task-2'", ['{"text": "work"}']);
      database.run("UPDATE tasks SET v = 2 WHERE id = 'task-3'", []);
      database.run("UPDATE tasks SET state = 'dreaming' WHERE id = 'task-4'", []);
      database.run("UPDATE chains SET data = 'null'", []);
      database.run("UPDATE events SET data = '7' WHERE seq = 2", []);
      database.run("UPDATE pool SET data = '[]'", []);
    },
    batch({
      tasks: [1, 2, 3, 4, 5].map((seq) => task(seq)),
      chains: [chain(6)],
      events: [1, 2, 3].map((seq) => event(seq)),
      pool: { spent: 1 },
    }),
  );

  const store = openStore({ stateDir });
  const { pending, pool, chains } = await store.load();

  expect({ pool, chains }).toEqual({ pool: undefined, chains: [] });
  expect(await idsOf(pending)).toEqual(['task-5']);
  expect(await store.events()).toEqual([event(1), event(3)]);
  const problems = await store.problems();
  expect(problems.map(({ kind, key, at }) => ({ kind, key, at }))).toEqual([
    { kind: 'pool', key: 'pool', at: 5_000 },
    { kind: 'chain', key: 'chain-6', at: 5_000 },
    ...[1, 2, 3, 4].map((seq) => ({ kind: 'task', key: `task-${seq}`, at: 5_000 })),
    { kind: 'event', key: '2', at: 5_000 },
  ]);
  expect(problems.find(({ key }) => key === 'task-3')).toMatchObject({
    reason: 'Error: Expected a record of version 1 or older, got version 2.',
    record: '{"prompt":"work 3"}',
  });
});

test('what was set aside stays reported for the next pool, and its id can be used again', async () => {
  const stateDir = await scratchDir();
  await withDatabase(stateDir, (database) => database.run("UPDATE tasks SET data = ''", []));
  const first = openStore({ stateDir });
  expect(first.task('task-1')).toBeUndefined();
  await first.close();

  const store = openStore({ stateDir });
  await store.commit(batch({ tasks: [task(1)] }));

  expect((await store.problems()).map(({ key }) => key)).toEqual(['task-1']);
  expect(store.task('task-1')).toEqual(task(1));
});

test('a record of an older version is read by its version', async () => {
  const stateDir = await scratchDir();
  await withDatabase(stateDir, () => undefined);

  const store = openStore({ stateDir, formats: { ...FORMATS, task: { version: 3, read: withVersion } } });

  expect(store.task('task-1')?.data).toEqual({ prompt: '1: {"prompt":"work 1"}' });
});

test('one reads beside a pool that works, sees what it commits, and changes nothing', async () => {
  const stateDir = await scratchDir();
  const store = openStore({ stateDir });
  await store.commit(batch({ tasks: [task(1)] }));
  const view = openReadOnly({ stateDir, formats: FORMATS, now: () => 6_000 });

  const before = view.tasks();
  await store.commit(batch({ tasks: [task(1, { state: 'running' })] }));

  expect(before).toEqual([task(1)]);
  expect(view.tasks()).toEqual([task(1, { state: 'running' })]);
  await view.close();
  await store.commit(batch({ tasks: [task(2)] }));
  expect((await store.counts()).pending).toBe(1);
});

test('a reader notes what it cannot read and leaves it where it is', async () => {
  const stateDir = await scratchDir();
  await withDatabase(stateDir, (database) => database.run("UPDATE tasks SET data = 'torn'", []));
  const view = openReadOnly({ stateDir, formats: FORMATS, now: () => 6_000 });

  expect(view.tasks()).toEqual([]);
  expect(view.tasks()).toEqual([]);

  expect(await view.problems()).toEqual([
    { kind: 'task', key: 'task-1', at: 6_000, record: 'torn', reason: expect.stringContaining('JSON') },
  ]);
  await view.close();
  const store = openStore({ stateDir });
  expect(await store.problems()).toEqual([]);
});

test('a reader of a folder without a store is told so, and makes none', async () => {
  const stateDir = await scratchDir();
  await mkdir(stateDir);

  expect(() => openReadOnly({ stateDir, formats: FORMATS })).toThrow(
    expect.objectContaining({ code: 'STORE', message: expect.stringMatching(/to hold the state of a pool/) }),
  );
  expect(await readdir(stateDir)).toEqual([]);
});

const FAULTS: readonly { readonly fault: Fault; readonly remedy: RegExp }[] = [
  { fault: { at: /^INSERT INTO events/, code: 'SQLITE_FULL' }, remedy: /The disk is full: free some space/ },
  { fault: { at: /^COMMIT/, code: 'SQLITE_IOERR_FSYNC' }, remedy: /does not read or write: check it/ },
  { fault: { at: /^BEGIN/, code: 'SQLITE_BUSY' }, remedy: /Another process holds the file/ },
  { fault: { at: /^UPDATE pool/, code: 'SQLITE_READONLY' }, remedy: /must be writable/ },
  {
    fault: { at: /^INSERT INTO tasks/, code: 'SQLITE_CORRUPT' },
    remedy: /damaged: put a backup in its place/,
  },
];

for (const { fault, remedy } of FAULTS) {
  test(`${fault.code} at ${fault.at.source}: the commit rejects, nothing of it is kept, no later one is taken`, async () => {
    const stateDir = await scratchDir();
    let armed: Fault | undefined;
    const store = openStore({ stateDir, connect: faultyConnect(() => armed) });
    await store.commit(batch({ tasks: [task(1)], events: [event(1)] }));
    armed = fault;
    const lost = store.commit(batch({ tasks: [task(2)], events: [event(2)], pool: { spent: 1 } }));
    await expect(lost).rejects.toMatchObject({ code: 'STORE', message: expect.stringMatching(remedy) });
    armed = undefined;

    const late = store.commit(batch({ tasks: [task(3)] }));

    await expect(late).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringMatching(/Start the pool again/),
    });
    await store.close();
    const next = openStore({ stateDir });
    expect(next.tasks()).toEqual([task(1)]);
    expect(await next.events()).toEqual([event(1)]);
    expect((await next.load()).pool).toBeUndefined();
  });
}

test('a commit that was carried out while its answer failed is there whole', async () => {
  const stateDir = await scratchDir();
  let armed: Fault | undefined;
  const store = openStore({ stateDir, connect: faultyConnect(() => armed) });
  armed = { at: /^COMMIT/, code: 'SQLITE_IOERR', isDone: true };
  await expect(store.commit(batch({ tasks: [task(1)], events: [event(1)] }))).rejects.toMatchObject({
    code: 'STORE',
  });
  await store.close();

  const next = openStore({ stateDir });

  expect(next.tasks()).toEqual([task(1)]);
  expect(await next.events()).toEqual([event(1)]);
});

test('a database that may not grow refuses as a full disk does, and keeps what it has', async () => {
  const stateDir = await scratchDir();
  const store = openStore({ stateDir, connect: connectSmall });
  await store.commit(batch({ tasks: [task(1)] }));

  const large = task(2, { data: { prompt: 'x'.repeat(1_000_000) } });
  await expect(store.commit(batch({ tasks: [task(3), large] }))).rejects.toMatchObject({
    code: 'STORE',
    message: expect.stringMatching(/database or disk is full.*free some space/),
  });

  await store.close();
  expect(openStore({ stateDir }).tasks()).toEqual([task(1)]);
});

test('a file that is no database is refused with what to do', async () => {
  const stateDir = await scratchDir();
  await mkdir(stateDir);
  await writeFile(path.join(stateDir, 'pool.db'), 'no database '.repeat(1_000));

  expect(() => openStore({ stateDir })).toThrow(
    expect.objectContaining({ code: 'STORE', message: expect.stringMatching(/damaged: put a backup/) }),
  );
  expect(() => openReadOnly({ stateDir, formats: FORMATS })).toThrow(/damaged: put a backup/);
});

test('a folder that cannot be made is refused with what to do', async () => {
  const stateDir = await scratchDir();
  await writeFile(stateDir, 'a file');

  expect(() => openStore({ stateDir: path.join(stateDir, 'below') })).toThrow(
    expect.objectContaining({ code: 'STORE', message: expect.stringMatching(/must be writable/) }),
  );
});

test('damage inside the file is found by the integrity check', async () => {
  const stateDir = await scratchDir();
  const tasks = Array.from({ length: 200 }, (_, index) => task(index + 1));
  await withDatabase(stateDir, () => undefined, batch({ tasks }));
  const file = path.join(stateDir, 'pool.db');
  const bytes = await readFile(file);
  bytes.fill(0x5a, bytes.length - 4_096 * 2, bytes.length - 4_096);
  await writeFile(file, bytes);

  const store = openStore({ stateDir });
  const faults = await store.integrity().catch((error: unknown) => [String(error)]);

  expect(faults).not.toEqual([]);
});

test('a log that is cut off anywhere holds the batches before the cut, each whole', async () => {
  const stateDir = await scratchDir();
  const store = openStore({ stateDir });
  for (let seq = 1; seq <= 20; seq += 1) {
    await store.commit(batch({ tasks: [task(2 * seq - 1), task(2 * seq)], events: [event(seq)] }));
  }
  const { size } = await stat(path.join(stateDir, 'pool.db-wal'));
  const seen = new Set<number>();

  for (let cut = 0; cut <= 12; cut += 1) {
    const torn = await scratchDir();
    await mkdir(torn);
    for (const name of ['pool.db', 'pool.db-wal'])
      await copyFile(path.join(stateDir, name), path.join(torn, name));
    await truncate(
      path.join(torn, 'pool.db-wal'),
      Math.floor((size * (cut + 20)) / 32) - (cut === 12 ? 0 : 7),
    );
    const opened = openStore({ stateDir: torn });
    const events = await opened.events();
    expect(await opened.integrity()).toEqual([]);
    expect((await opened.counts()).pending).toBe(2 * events.length);
    expect((await opened.load()).lastEventSeq).toBe(events.length);
    seen.add(events.length);
    await opened.close();
  }

  expect(seen.size).toBeGreaterThan(4);
  expect(seen.has(20)).toBe(true);
});

test('a backlog beyond a lowered bound goes in slices, with the commits that follow', async () => {
  const stateDir = await scratchDir();
  const tasks = Array.from({ length: 300 }, (_, index) => task(index + 1, { state: 'completed' }));
  await withDatabase(stateDir, () => undefined, batch({ tasks }));
  const store = openStore({ stateDir, keepFinished: 10 });

  const sizes: number[] = [];
  for (let seq = 301; seq <= 312; seq += 1) {
    await store.commit(batch({ tasks: [task(seq, { state: 'completed' })] }));
    sizes.push((await store.counts()).completed);
  }

  expect(sizes).toEqual([267, 234, 201, 168, 135, 102, 69, 36, 10, 10, 10, 10]);
});

async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777;
}

async function withDatabase(
  stateDir: string,
  change: (database: Connection) => void,
  first = batch({ tasks: [task(1)] }),
): Promise<void> {
  const store = openStore({ stateDir });
  await store.commit(first);
  await store.close();
  const database = connect(path.join(stateDir, 'pool.db'));
  change(database);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

function withVersion(value: unknown, version: number) {
  return { prompt: `${version}: ${JSON.stringify(value)}` };
}

function connectSmall(file: string): Connection {
  const connection = connect(file);
  connection.exec('PRAGMA max_page_count = 60');
  return connection;
}
