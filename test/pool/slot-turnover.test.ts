import { createPool } from 'claude-pool';
import type { ClaudeDriver, PoolEvent } from 'claude-pool';
import { expect, test } from 'vitest';
import { deferred } from '../../src/deferred.ts';
import { instantDriver } from '../bench/instant-driver.ts';

test('a slot that is started under the id of one that is gone is told of like any other', async () => {
  await using pool = await createPool({ slots: 2, driver: instantDriver() });
  const seen = following(pool);

  pool.scaleDown(1);
  const stopped = await seen('slot.stopped');
  pool.scaleUp(1);
  const idle = await seen('slot.idle');

  expect([stopped, idle]).toMatchObject([{ slotId: 'slot-0' }, { slotId: 'slot-0' }]);
});

test('a session that opens in the moment in which its slot is sent away is closed', async () => {
  const opened = deferred<undefined>();
  const { driver, closed } = lateDriver(opened.promise);
  await using pool = await createPool({ slots: 1, driver });
  pool.scaleUp(1);

  opened.resolve(undefined);
  pool.scaleDown(1);
  await pool.drain();

  expect(closed()).toEqual(new Set([1, 2]));
});

/** Resolves with the next event of a type, from now on in order. */
function following(pool: Awaited<ReturnType<typeof createPool>>) {
  const events = pool.events()[Symbol.asyncIterator]();
  return async (type: PoolEvent['type']): Promise<PoolEvent> => {
    for (;;) {
      const { value, done } = await events.next();
      if (done === true) throw new Error(`Expected \`${type}\`, got the end of the pool.`);
      if (value.type === type) return value;
    }
  };
}

/** Opens the second session only after that, and heeds no signal; notes the sessions that were closed. */
function lateDriver(gate: Promise<undefined>) {
  const inner = instantDriver();
  let opens = 0;
  const closed = new Set<number>();
  const driver: ClaudeDriver = {
    async open(launch, options) {
      opens += 1;
      const number = opens;
      if (number > 1) await gate;
      const session = await inner.open(launch, options);
      return {
        ...session,
        close() {
          closed.add(number);
          return session.close();
        },
      };
    },
  };
  return { driver, closed: () => closed };
}
