import type { Ledger } from '../../machines/budget.ts';
import type { RestoredWork } from '../../machines/directory-types.ts';
import type { TaskEntry, TaskView } from '../../machines/task-types.ts';
import { recovered } from '../../machines/recovery.ts';
import type { Finding, Recovered, RecoveryPolicy } from '../../machines/recovery.ts';
import type { RestoredPool } from '../../machines/pool-types.ts';
import type { QueueEntry } from '../../machines/queue.ts';
import { alarmOf, entryOf } from '../../machines/task-entry.ts';
import type { Timestamp } from '../../machines/types.ts';
import type { ClaudeDriver } from '../ports.ts';
import type { DurableStore } from '../store/port.ts';
import type { Kept, KeptPool, KeptTask } from './kept.ts';
import { rebuiltPool } from './rebuilt-pool.ts';

export interface RecoverGround {
  readonly store: DurableStore<Kept>;
  readonly driver: ClaudeDriver;
  readonly policy: RecoveryPolicy;
  /** The slots that the pool starts with. */
  readonly slotIds?: readonly string[];
  readonly at: Timestamp;
  readonly signal: AbortSignal;
}

/** What a pool starts from, and what it has found out of the attempts that were cut off. */
export interface Recovery {
  readonly pool: RestoredPool & { readonly shared: Readonly<Record<string, string>> };
  readonly work: RestoredWork;
  /** Tasks that ran when the earlier pool was cut off. */
  readonly cutOff: readonly Recovered[];
  /** Tasks that chains wait for and of which nothing is left. */
  readonly lost: readonly string[];
  readonly lastSeq: number;
  readonly lastEventSeq: number;
}

/** Reads what an earlier pool has left, and settles what it could not. */
export async function recover(ground: RecoverGround): Promise<Recovery> {
  const { store, at } = ground;
  const { pool: kept, chains, lastSeq, lastEventSeq, pending } = await store.load();
  const pool = kept ?? (await rebuiltPool(store));
  const entries: TaskEntry[] = [];
  const alarms: QueueEntry[] = [];
  let reviews = 0;
  const cutOff: Recovered[] = [];
  let { ledger, slots } = pool;

  function add({ state, wait, context }: TaskView): void {
    if (state === 'pendingReview') reviews += 1;
    else if (wait === 'ready') entries.push(entryOf(context));
    else alarms.push(alarmOf(context));
  }

  for await (const task of pending) {
    if (!('data' in task)) {
      entries.push(task);
      continue;
    }
    const { data } = task;
    if (data.state !== 'running') {
      add(data);
      continue;
    }
    const end = await examined(data, pool, ground);
    cutOff.push(end);
    add(end.task);
    const spend = end.task.context.spend - data.context.spend;
    ledger = booked(ledger, spend);
    slots = slots.map((slot) =>
      slot.taskId === data.context.id ? { ...slot, spent: slot.spent + spend } : slot,
    );
  }
  const { shared, limit } = pool;
  const waiting = { entries, alarms, reviews };
  const counts = {
    ...pool.counts,
    pending: entries.length + alarms.length,
    running: 0,
    pendingReview: reviews,
  };
  return {
    pool: { ledger, slots, shared, ...(limit && { limit }), waiting, at },
    work: {
      tasks: cutOff.map(({ task }) => task),
      counts,
      chains: chains.flatMap(({ data }) => data.record ?? []),
    },
    cutOff,
    lost: chains
      .flatMap(({ data }) => data.view.context.openTasks.map(({ taskId }) => taskId))
      .filter((taskId) => store.task(taskId) === undefined),
    lastSeq,
    lastEventSeq,
  };
}

async function examined(
  { trace, ...task }: KeptTask,
  pool: KeptPool,
  { driver, policy, slotIds = [], at, signal }: RecoverGround,
): Promise<Recovered> {
  const reserved = pool.slots.find(({ taskId }) => taskId === task.context.id)?.reserved ?? 0;
  const finding = await findingOf(trace, { driver, signal });
  return recovered(task, { finding, policy, reserved, slotIds, at });
}

/** Without a trail the prompt cannot have been sent: it is kept before. */
async function findingOf(
  trail: KeptTask['trace'],
  { driver, signal }: Pick<RecoverGround, 'driver' | 'signal'>,
): Promise<Finding> {
  if (trail === undefined) return { began: false };
  const { sessionId } = trail;
  if (sessionId === undefined || driver.examine === undefined) return {};
  return driver.examine({ ...trail, sessionId }, { signal }).catch((): Finding => {
    signal.throwIfAborted();
    return {};
  });
}

function booked(ledger: Ledger, spend: number): Ledger {
  const { spent, settled, estimated } = ledger;
  if (spend === 0) return ledger;
  return { ...ledger, spent: spent + spend, settled: settled + 1, estimated: estimated + spend };
}
