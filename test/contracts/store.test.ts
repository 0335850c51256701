import { expect, test } from 'vitest';
import { memoryStore } from '../../src/store/memory-store.ts';
import type { DurableStore, Retention } from '../../src/store/port.ts';
import { batch, chain, event, idsOf, task } from '../adapters/store-records.ts';
import type { Kept } from '../adapters/store-records.ts';
import { openStore, scratchDir } from '../adapters/store-stage.ts';

interface Subject {
  readonly store: DurableStore<Kept>;
  /** The store as the next pool finds it. */
  readonly next: () => Promise<DurableStore<Kept>>;
}

const SUBJECTS: Readonly<Record<string, (retention?: Retention) => Promise<Subject>>> = {
  async memory(retention) {
    const store = memoryStore<Kept>(retention);
    return { store, next: async () => store };
  },
  async sqlite(retention) {
    const stateDir = await scratchDir();
    const store = openStore({ stateDir, ...retention });
    return {
      store,
      async next() {
        await store.close();
        return openStore({ stateDir, ...retention });
      },
    };
  },
};

for (const [name, open] of Object.entries(SUBJECTS)) {
  test(`${name}: an empty store loads as nothing`, async () => {
    const { store } = await open();

    const { pending, ...rest } = await store.load();

    expect(rest).toEqual({ pool: undefined, chains: [], lastSeq: 0, lastEventSeq: 0 });
    expect(await idsOf(pending)).toEqual([]);
    expect(await store.counts()).toEqual(counts({}));
  });

  test(`${name}: what was committed is there for the next pool, whole`, async () => {
    const { store, next } = await open();
    const full = task(1, {
      priority: 2,
      tags: ['a', 'b'],
      until: 7,
      chainId: 'chain-9',
      state: 'pendingReview',
    });

    await store.commit(
      batch({ tasks: [full], chains: [chain(9)], pool: { spent: 3 }, events: [event(4, full.id)] }),
    );

    const later = await next();
    const { pending, ...rest } = await later.load();
    expect(rest).toEqual({ pool: { spent: 3 }, chains: [chain(9)], lastSeq: 9, lastEventSeq: 4 });
    expect(await idsOf(pending)).toEqual(['task-1']);
    expect(later.task('task-1')).toEqual(full);
    expect(later.chain('chain-9')).toEqual(chain(9));
    expect(await later.events()).toEqual([event(4, full.id)]);
    expect(await later.problems()).toEqual([]);
    expect(await later.integrity()).toEqual([]);
  });

  test(`${name}: of several versions in one batch the last is kept, and every event`, async () => {
    const { store, next } = await open();
    const versions = [task(1), task(2), task(1, { state: 'running' }), task(1, { state: 'completed' })];

    await store.commit(batch({ tasks: versions, events: [event(1, 'task-1'), event(2, 'task-1')] }));

    const later = await next();
    expect(later.task('task-1')).toEqual(task(1, { state: 'completed' }));
    expect(await later.counts()).toEqual(counts({ pending: 1, completed: 1 }));
    expect(await later.events({ taskId: 'task-1' })).toEqual([event(1, 'task-1'), event(2, 'task-1')]);
  });

  test(`${name}: the record of the pool stays until the next one`, async () => {
    const { store, next } = await open();

    await store.commit(batch({ pool: { spent: 1 } }));
    await store.commit(batch({ tasks: [task(1)] }));

    expect((await (await next()).load()).pool).toEqual({ spent: 1 });
  });

  test(`${name}: pending tasks come by priority, then by submission, over many pages`, async () => {
    const { store, next } = await open();
    const tasks = Array.from({ length: 1_203 }, (_, index) => task(index + 1, { priority: index % 3 }));

    await store.commit(batch({ tasks: tasks.toReversed() }));

    const expected = [2, 1, 0].flatMap((priority) => tasks.filter((each) => each.priority === priority));
    const { pending } = await (await next()).load();
    expect(await idsOf(pending)).toEqual(expected.map(({ id }) => id));
  });

  test(`${name}: tasks of one place in the order come as they were saved`, async () => {
    const { store, next } = await open();
    const tasks = ['c', 'a', 'b'].map((id) => task(1.5, { id }));

    await store.commit(batch({ tasks }));

    expect(await idsOf((await (await next()).load()).pending)).toEqual(['c', 'a', 'b']);
  });

  test(`${name}: a plain task comes back as its place, and whole when it is asked for`, async () => {
    const { store, next } = await open();
    const [plain, other] = [task(1, { isPlain: true, priority: 2 }), task(2)];

    await store.commit(batch({ tasks: [plain, other, task(3, { isPlain: true })] }));
    await store.commit(batch({ tasks: [task(3, { state: 'running' })] }));

    const later = await next();
    const pending = [];
    for await (const each of (await later.load()).pending) pending.push(each);
    expect(pending).toEqual([{ id: 'task-1', seq: 1, priority: 2 }, other, task(3, { state: 'running' })]);
    expect(later.task('task-1')).toEqual(plain);
  });

  test(`${name}: a task that has ended does not come back as pending`, async () => {
    const { store, next } = await open();

    await store.commit(batch({ tasks: [task(1), task(2), task(3)] }));
    await store.commit(batch({ tasks: [task(1, { state: 'failed' }), task(3, { state: 'running' })] }));

    expect(await idsOf((await (await next()).load()).pending)).toEqual(['task-2', 'task-3']);
  });

  test(`${name}: commits may come in between while pending tasks are read`, async () => {
    const { store } = await open();
    await store.commit(batch({ tasks: Array.from({ length: 1_100 }, (_, index) => task(index + 1)) }));
    const { pending } = await store.load();
    const reader = pending[Symbol.asyncIterator]();

    const first = await reader.next();
    await store.commit(batch({ tasks: [task(1, { state: 'completed' })] }));
    const rest = await idsOf({ [Symbol.asyncIterator]: () => reader });

    expect(first.value?.id).toBe('task-1');
    expect(rest).toEqual(Array.from({ length: 1_099 }, (_, index) => `task-${index + 2}`));
  });

  test(`${name}: tasks are listed as they run, then as they ended, the last first`, async () => {
    const { store, next } = await open();
    await store.commit(batch({ tasks: [task(1), task(2), task(3), task(4), task(5, { priority: 1 })] }));
    await store.commit(batch({ tasks: [task(3, { state: 'completed' })] }));
    await store.commit(batch({ tasks: [task(1, { state: 'failed' })] }));
    await store.commit(batch({ tasks: [task(4, { state: 'completed' })] }));

    const later = await next();
    const listed = (query?: Parameters<typeof later.tasks>[0]) => later.tasks(query).map(({ seq }) => seq);
    expect(listed()).toEqual([5, 2, 4, 1, 3]);
    expect(listed({ limit: 3 })).toEqual([5, 2, 4]);
    expect(listed({ state: 'completed' })).toEqual([4, 3]);
    expect(listed({ state: 'completed', limit: 1 })).toEqual([4]);
    expect(listed({ state: 'pending' })).toEqual([5, 2]);
    expect(await later.counts()).toEqual(counts({ pending: 2, completed: 2, failed: 1 }));
  });

  test(`${name}: tasks are found by the slot of their last attempt`, async () => {
    const { store, next } = await open();
    await store.commit(batch({ tasks: [task(1), task(2), task(3)] }));
    await store.commit(batch({ tasks: [task(1, { state: 'running', slotId: 'slot-0' })] }));
    await store.commit(batch({ tasks: [task(2, { state: 'completed', slotId: 'slot-0' })] }));

    const found = (await next()).tasks({ slotId: 'slot-0' });

    expect(found.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test(`${name}: tasks are found by tag and by chain, in each state`, async () => {
    const { store, next } = await open();
    const tagged = task(1, { tags: ['red', 'deep'] });
    const chained = task(2, { chainId: 'chain-1', tags: ['red'] });
    await store.commit(batch({ tasks: [tagged, chained, task(3)] }));
    await store.commit(batch({ tasks: [{ ...chained, state: 'completed' }] }));

    const later = await next();
    expect(later.tasks({ tag: 'red' })).toEqual([tagged, { ...chained, state: 'completed' }]);
    expect(later.tasks({ tag: 'red', state: 'completed' })).toEqual([{ ...chained, state: 'completed' }]);
    expect(later.tasks({ tag: 'deep', chainId: 'chain-1' })).toEqual([]);
    expect(later.tasks({ chainId: 'chain-1' })).toEqual([{ ...chained, state: 'completed' }]);
  });

  test(`${name}: events are read from any place on, for all or for one task`, async () => {
    const { store, next } = await open();
    await store.commit(batch({ tasks: [task(1)], events: [event(1), event(2, 'task-1')] }));
    await store.commit(batch({ events: [event(3, 'task-1'), event(4)] }));

    const later = await next();
    expect(await later.events({ from: 3 })).toEqual([event(3, 'task-1'), event(4)]);
    expect(await later.events({ from: 2, limit: 1 })).toEqual([event(2, 'task-1')]);
    expect(await later.events({ taskId: 'task-1', from: 3 })).toEqual([event(3, 'task-1')]);
    expect(await later.events({ taskId: 'nobody' })).toEqual([]);
  });

  test(`${name}: of what has ended only the last are kept, and what has not ended always`, async () => {
    const { store, next } = await open({ keepFinished: 2 });
    await store.commit(batch({ tasks: [task(1), task(2), task(3), task(4)], chains: [chain(5), chain(6)] }));
    for (const seq of [3, 1, 2]) await store.commit(batch({ tasks: [task(seq, { state: 'cancelled' })] }));

    const later = await next();
    expect(later.tasks().map(({ seq }) => seq)).toEqual([4, 2, 1]);
    expect(later.task('task-3')).toBeUndefined();
    expect((await later.load()).chains).toEqual([chain(5), chain(6)]);
  });

  test(`${name}: of chains that have ended only the last are kept`, async () => {
    const { store, next } = await open({ keepFinished: 1 });
    await store.commit(batch({ chains: [chain(1), chain(2), chain(3)] }));
    for (const seq of [2, 1]) await store.commit(batch({ chains: [chain(seq, { state: 'completed' })] }));

    const later = await next();
    expect(later.chain('chain-2')).toBeUndefined();
    expect(later.chain('chain-1')).toEqual(chain(1, { state: 'completed' }));
    expect((await later.load()).chains).toEqual([chain(3)]);
  });

  test(`${name}: only the last events are kept`, async () => {
    const { store, next } = await open({ keepEvents: 3 });

    for (const seq of [1, 2, 3, 4, 5]) await store.commit(batch({ events: [event(seq)] }));

    expect(await (await next()).events()).toEqual([event(3), event(4), event(5)]);
  });

  test(`${name}: numbers go on from the highest ever, also when all has been removed`, async () => {
    const { store, next } = await open({ keepFinished: 0, keepEvents: 0 });

    await store.commit(batch({ tasks: [task(7, { state: 'completed' })], events: [event(9)] }));

    const later = await next();
    const { lastSeq, lastEventSeq } = await later.load();
    expect({ lastSeq, lastEventSeq }).toEqual({ lastSeq: 7, lastEventSeq: 9 });
    expect(later.tasks()).toEqual([]);
    expect(await later.events()).toEqual([]);
  });

  test(`${name}: text of any kind comes back as it was`, async () => {
    const { store, next } = await open();
    const odd = task(1, {
      id: 'it\'s "odd" \\ ; DROP TABLE tasks',
      data: { prompt: 'line\nbreak\u2028 \u{1F600} \0 \uFEFF %s ?1 :name' },
    });

    await store.commit(batch({ tasks: [odd], events: [event(1, odd.id)] }));

    const later = await next();
    expect(later.task(odd.id)).toEqual(odd);
    expect(await later.events({ taskId: odd.id })).toEqual([event(1, odd.id)]);
  });
}

function counts(some: Partial<Awaited<ReturnType<DurableStore<Kept>['counts']>>>) {
  return { pending: 0, running: 0, pendingReview: 0, completed: 0, failed: 0, cancelled: 0, ...some };
}
