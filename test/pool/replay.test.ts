import { expect, test } from 'vitest';
import { replay } from 'claude-pool';
import type { ChainInfo, Pool, PoolStatus, ReplayedTask, TaskInfo } from 'claude-pool';
import { startLife } from './life.ts';
import { allEvents, house, openPool } from './lives.ts';

const RULES = {
  rules: [
    { when: 'refuse', answers: [{ status: 400 }] },
    { when: 'unlucky', times: 1, answers: [{ crash: 'beforeResult' }] },
    { when: 'hang', answers: [{ silence: true }] },
  ],
} as const;

interface Sight {
  readonly seq: number;
  readonly status: PoolStatus;
  readonly tasks: readonly TaskInfo[];
  readonly chains: readonly ChainInfo[];
}

test('replaying the events of a run up to any number gives what `status()` said then', async () => {
  const place = await house(RULES, {
    slots: [{ name: 'ada', budgetUsd: 9 }, {}],
    budgetUsd: 20,
    reservationUsd: 0.5,
  });
  const pool = await openPool(place.options);
  const sights = watch(pool);
  await busyDay(pool);
  await pool.drain();
  await sights.ended;

  const events = await place.events();
  const replayed = sights.all.map(({ seq }) => ({ seq, status: replay(events, seq).status }));

  expect(sights.all.length).toBeGreaterThan(40);
  expect(replayed).toEqual(sights.all.map(({ seq, status }) => ({ seq, status })));
});

test('replaying gives the tasks and chains as they were, at every event about one', async () => {
  const place = await house(RULES, { slots: 2 });
  const pool = await openPool(place.options);
  const sights = watch(pool);
  await busyDay(pool);
  await pool.drain();
  await sights.ended;

  const events = await place.events();
  const about = events.filter(({ type }) => type.startsWith('task.'));
  const differences = sights.all
    .filter(({ seq }) => about.some((event) => event.seq === seq))
    .flatMap(({ seq, tasks }) => {
      const played = byId(replay(events, seq).tasks);
      const was = byId(tasks);
      return JSON.stringify(played) === JSON.stringify(was) ? [] : [{ seq, played, was }];
    });
  const last = replay(events);

  expect(differences).toEqual([]);
  expect(last.chains).toMatchObject([{ state: 'completed', steps: { one: 'succeeded', two: 'succeeded' } }]);
  expect(last.status.state).toBe('drained');
});

test('a replay goes over restarts: after a kill it says what the new pool says', async () => {
  const place = await house(RULES, { slots: 1, budgetUsd: 20, reservationUsd: 0.5 });
  const life = await startLife(place.options);
  await life.call('run', 'hello');
  await life.call('submit', 'hang');
  await life.event(({ type }) => type === 'slot.busy');
  await life.call('history');
  const before = await life.call('status');
  await life.kill();

  const pool = await openPool({ ...place.options, recovery: 'fail' });
  const now = pool.status();
  const events = await allEvents(pool);
  const start = events.findLast(({ type }) => type === 'pool.starting')?.seq ?? 0;

  expect(replay(events, start - 1).status).toEqual(before);
  expect(replay(events, Infinity).status).toEqual(now);
  expect(replay(events.filter(({ seq }) => seq >= start)).status).toEqual(now);
});

/** Work that brings a pool through most of what can happen to it. */
async function busyDay(pool: Pool): Promise<void> {
  await pool.fanOut(['one', 'two', 'refuse', { prompt: 'unlucky', priority: 3 }]);
  const review = await pool.submitWithReview('draft');
  await new Promise<void>((resolve) => void pool.on('task.pendingReview', () => resolve()));
  await pool.approveResult(review);
  pool.configureSlot('slot-1', { role: 'reviewer' });
  pool.contextSet('language', 'Dutch');
  pool.sendMessage('bob', 'slot-0', 'look');
  await pool.runChain([
    { name: 'one', prompt: 'one' },
    { name: 'two', prompt: 'two' },
  ]);
  pool.setTargetSlots(3);
  await pool.fanOut(['three', 'four', 'five']);
  pool.setTargetSlots(2);
  const hanging = await pool.submit('hang');
  await pool.cancel(hanging);
}

function watch(pool: Pool): { readonly all: readonly Sight[]; readonly ended: Promise<void> } {
  const all: Sight[] = [];
  const ended = new Promise<void>((resolve) => {
    pool.on('event', ({ seq, type }) => {
      all.push({ seq, status: pool.status(), tasks: pool.tasks(), chains: pool.chains() });
      if (type === 'pool.drained') resolve();
    });
  });
  return { all, ended };
}

/** What both tell of tasks, in one order: a replay lists them as they were submitted, a pool as they run. */
function byId(tasks: readonly (TaskInfo | ReplayedTask)[]): readonly unknown[] {
  return tasks
    .map(({ id, state, wait, spendUsd }) => [id, state, wait, spendUsd])
    .toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1));
}
