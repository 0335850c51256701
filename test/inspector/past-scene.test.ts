import { replay } from 'claude-pool';
import type { PoolEvent, TaskInfo } from 'claude-pool';
import { expect, test } from 'vitest';
import { deferred } from '../../src/deferred.ts';
import { pastScene } from '../../src/inspector/past-scene.ts';
import type { PastHistory } from '../../src/inspector/past-scene.ts';
import type { Scene } from '../../src/inspector/scene.ts';

const LONG_RUN = 20_500;

test('the board of a long past is right at every event that is at hand, though older ones are folded', async () => {
  const events = runOf(LONG_RUN);
  using stage = await past(events);
  const { scene } = stage;

  const [first] = scene.recent();
  const places = [Math.ceil(first?.seq ?? 0), LONG_RUN];

  expect(scene.recent().length).toBeLessThan(2.5 * LONG_RUN);
  expect(first?.seq).toBeGreaterThan(1_000);
  expect(places.map((at) => scene.board(at).status)).toEqual(places.map((at) => replay(events, at).status));
});

test('a past ends with the event that one asks for', async () => {
  using stage = await past(runOf(40), 12);

  expect(stage.scene.recent().at(-1)?.seq).toBe(12);
});

test('an event comes after the states that it has led to, under the names of pool, slot and task', async () => {
  using stage = await past([
    ...runOf(1),
    { seq: 2, at: 2, type: 'task.submitted', taskId: 'task-1', spendUsd: 0, change: { pendingTasks: 1 } },
    {
      seq: 3,
      at: 3,
      type: 'slot.busy',
      slotId: 'slot-0',
      change: { slots: [{ id: 'slot-0', state: 'busy' }] },
    },
    { seq: 4, at: 4, type: 'budget.exhausted' },
  ]);

  const told = stage.scene.recent().map((entry) => {
    if (entry.type === 'event') return `${entry.source} -> ${entry.target}: ${entry.event}`;
    return [entry.name, entry.type === 'actor' && entry.prompt, entry.state];
  });

  expect(told).toEqual([
    ['pool', undefined, { open: { limit: 'clear', budget: 'within' } }],
    ['slot-0', undefined, 'idle'],
    'pool -> pool: pool.starting',
    ['task-1', 'Say hi.', { pending: 'ready' }],
    'task-1 -> pool: task.submitted',
    ['slot-0', undefined, 'busy'],
    'slot-0 -> pool: slot.busy',
    ['pool', undefined, { open: { limit: 'clear', budget: 'exhausted' } }],
    'pool -> pool: budget.exhausted',
  ]);
});

/** A start, and then tasks that are submitted, one an event. */
function runOf(count: number): readonly PoolEvent[] {
  const slots = [{ id: 'slot-0', state: 'idle', activeTasks: 0, tasksCompleted: 0, spendUsd: 0 } as const];
  const change = {
    state: 'open',
    pendingTasks: 0,
    limit: { state: 'clear' },
    slotIds: ['slot-0'],
    slots,
  } as const;
  return [
    { seq: 1, at: 1, type: 'pool.starting', change },
    ...Array.from({ length: count - 1 }, (_, index): PoolEvent => {
      const seq = index + 2;
      const taskId = `task-${seq}`;
      return {
        seq,
        at: seq,
        type: 'task.submitted',
        taskId,
        spendUsd: 0,
        change: { pendingTasks: index + 1 },
      };
    }),
  ];
}

interface Past extends Disposable {
  readonly scene: Scene;
}

/** Resolves when all was read. */
async function past(events: readonly PoolEvent[], until?: number): Promise<Past> {
  const life = new AbortController();
  const read = deferred<undefined>();
  const task = { id: 'task-1', prompt: 'Say hi.' } as TaskInfo;
  const history: PastHistory = {
    tasks: () => Promise.resolve([task]),
    task: () => Promise.resolve(task),
    chain: () => Promise.reject(new Error('Expected no question about a chain.')),
    async *follow() {
      try {
        yield* events;
      } finally {
        read.resolve(undefined);
      }
    },
  };
  const scene = await pastScene(history, { until, signal: life.signal });
  await read.promise;
  return {
    scene,
    [Symbol.dispose]: () => life.abort(),
  };
}
