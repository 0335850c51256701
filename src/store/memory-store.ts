import { memoryShelf } from './memory-shelf.ts';
import { DEFAULT_RETENTION } from './port.ts';
import type { ChainSave, DurableStore, Payloads, Retention, TaskPlace, TaskQuery, TaskSave } from './port.ts';
import { ring } from './ring.ts';
import { noTasks } from './task-counts.ts';

const DEFAULT_TASKS = 100;
const DEFAULT_EVENTS = 1_000;

/** Keeps a pool in memory, for as long as its process lives. What is committed must not be changed afterwards. */
export function memoryStore<Kept extends Payloads>({
  keepFinished = DEFAULT_RETENTION.keepFinished,
  keepEvents = DEFAULT_RETENTION.keepEvents,
}: Retention = {}): DurableStore<Kept> {
  const tasks = memoryShelf<TaskSave<Kept['task']>>(keepFinished);
  const chains = memoryShelf<ChainSave<Kept['chain']>>(keepFinished);
  const log = ring<Kept['event']>(keepEvents);
  let pool: Kept['pool'] | undefined;
  let lastSeq = 0;
  let lastEventSeq = 0;

  return {
    async commit(batch) {
      for (const task of batch.tasks) tasks.put(task);
      for (const chain of batch.chains) chains.put(chain);
      for (const event of batch.events) log.add(event);
      for (const { seq } of [...batch.tasks, ...batch.chains]) lastSeq = Math.max(lastSeq, seq);
      for (const { seq } of batch.events) lastEventSeq = Math.max(lastEventSeq, seq);
      if (batch.pool !== undefined) pool = batch.pool;
    },
    load: async () => ({
      pool,
      chains: chains.live().toSorted(bySeq),
      lastSeq,
      lastEventSeq,
      pending: eachOf(tasks.live().toSorted(byTurn).map(asPending)),
    }),
    task: (id) => tasks.get(id),
    chain: (id) => chains.get(id),
    tasks(query = {}) {
      const inOrder = [...tasks.live().toSorted(byTurn), ...tasks.ended()];
      return inOrder.filter((task) => isAsked(task, query)).slice(0, query.limit ?? DEFAULT_TASKS);
    },
    async counts() {
      const counts = noTasks();
      for (const { state } of tasks.all()) counts[state] += 1;
      return counts;
    },
    async events({ from = 1, taskId, limit = DEFAULT_EVENTS } = {}) {
      const isWanted = (event: Kept['event']): boolean =>
        event.seq >= from && (taskId === undefined || event.taskId === taskId);
      return log.items().filter(isWanted).slice(0, limit);
    },
    problems: async () => [],
    integrity: async () => [],
    close: async () => undefined,
  };
}

function asPending<Task>(task: TaskSave<Task>): TaskSave<Task> | TaskPlace {
  const { id, seq, priority, isPlain } = task;
  return isPlain === true ? { id, seq, priority } : task;
}

function isAsked(task: TaskSave<unknown>, { state, tag, chainId, slotId }: TaskQuery): boolean {
  return (
    (state === undefined || task.state === state) &&
    (tag === undefined || task.tags?.includes(tag) === true) &&
    (chainId === undefined || task.chainId === chainId) &&
    (slotId === undefined || task.slotId === slotId)
  );
}

function byTurn(one: TaskSave<unknown>, other: TaskSave<unknown>): number {
  return other.priority - one.priority || one.seq - other.seq;
}

function bySeq(one: ChainSave<unknown>, other: ChainSave<unknown>): number {
  return one.seq - other.seq;
}

async function* eachOf<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}
