import path from 'node:path';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import type { Pool, PoolEvent } from 'claude-pool';
import { failFsync } from './failing-fsync.ts';
import { heard, house, openPool } from './lives.ts';
import type { House } from './house.ts';

const SLOW = { when: 'slow', answers: [{ text: 'late', delayMs: 600_000 }] } as const;

test('when the store fails, all who wait get the error, nothing more is sent, and the pool drains', async () => {
  const place = await house({ rules: [SLOW] }, { slots: 1 });
  const pool = await openPool(place.options);
  const running = await pool.submit('slow');
  await heard(place, 'slow');
  const waiting = await pool.submit('next');
  const ends = Promise.all([running, waiting].map((id) => pool.wait(id).catch((error: unknown) => error)));
  const events = seen(pool);

  breakDisk(place);
  const refused = await pool.submit('one more').catch((error: unknown) => error);
  const drained = await pool.drain().catch((error: unknown) => error);

  const failure = { code: 'STORE', message: expect.stringContaining('no space left') };
  expect(refused).toMatchObject(failure);
  expect(await ends).toMatchObject([failure, failure]);
  expect(drained).toMatchObject(failure);
  expect((await events).at(-1)).toMatchObject({ type: 'pool.drained' });
  expect(promptsIn(place)).toEqual(['slow']);
  expect(await place.processes()).toEqual([]);
  await expect(pool.submit('too late')).rejects.toMatchObject({ code: 'POOL_CLOSED' });
  await expect(pool.wait(waiting)).rejects.toMatchObject(failure);
});

test('after the store has failed the folder is free again, and a pool goes on from the last commit', async () => {
  const place = await house({ rules: [SLOW] }, { slots: 1 });
  const first = await openPool(place.options);
  const running = await first.submit('slow');
  await heard(place, 'slow');
  const waiting = await first.submit('next');
  breakDisk(place);
  await first.submit('never accepted').catch(() => undefined);
  await first.drain().catch(() => undefined);
  mendDisk(place);

  const second = await openPool({ ...place.options, recovery: 'fail' });

  expect(await second.wait(waiting)).toMatchObject({ output: 'echo: next' });
  await expect(second.wait(running)).rejects.toMatchObject({ code: 'TASK_FAILED' });
  expect(second.status()).toMatchObject({ completedTasks: 1, failedTasks: 1, pendingTasks: 0 });
});

test.each([true, false])(
  'when an `fsync` fails in a running pool it stops, whether the commit is there all the same: %s',
  async (isKept) => {
    const place = await house({ rules: [SLOW] }, { slots: 1 });
    const first = await openPool(place.options);
    const done = await first.run('done');
    const running = await first.submit('slow');
    await heard(place, 'slow');
    const mend = failFsync({ after: 0, isKept });
    onTestFinished(mend);
    const refused = await first.submit('in doubt').catch((error: unknown) => error);
    const drained = await first.drain().catch((error: unknown) => error);
    mend();

    const second = await openPool({ ...place.options, recovery: 'fail' });
    const inDoubt = second.tasks().filter(({ prompt }) => prompt === 'in doubt');
    await Promise.all(inDoubt.map(({ id }) => second.wait(id)));

    const failure = { code: 'STORE', message: expect.stringContaining('disk does not read or write') };
    expect([refused, drained]).toMatchObject([failure, failure]);
    expect(inDoubt).toHaveLength(isKept ? 1 : 0);
    expect(promptsIn(place)).toEqual(['done', 'slow', ...(isKept ? ['in doubt'] : [])]);
    expect(await second.wait(done.taskId)).toEqual(done);
    await expect(second.wait(running)).rejects.toMatchObject({ code: 'TASK_FAILED' });
  },
);

function promptsIn(place: House): readonly string[] {
  return place.journal().flatMap((entry) => (entry.type === 'prompt' ? [entry.prompt] : []));
}

/** From now on every commit fails in its middle, as on a full disk. */
function breakDisk(place: House): void {
  alter(
    place,
    "CREATE TRIGGER full_disk BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no space left on device'); END",
  );
}

function mendDisk(place: House): void {
  alter(place, 'DROP TRIGGER full_disk');
}

function alter({ stateDir }: House, sql: string): void {
  const database = new Database(path.join(stateDir, 'pool.db'));
  database.exec(sql);
  database.close();
}

async function seen(pool: Pool): Promise<readonly PoolEvent[]> {
  const events: PoolEvent[] = [];
  for await (const event of pool.events()) events.push(event);
  return events;
}
