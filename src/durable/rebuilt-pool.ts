import type { PoolStatus, SlotStatus } from '../api.ts';
import type { PoolEvent } from '../events.ts';
import { NO_STATUS, statusAfter } from '../history/status-change.ts';
import { microsOf } from '../money.ts';
import { definedOnly } from '../options/defined-only.ts';
import type { StoreView } from '../store/port.ts';
import type { Kept, KeptPool, KeptSlot } from './kept.ts';

const PAGE = 1_000;

/**
 * The record of a pool as its events tell it, for one whose own cannot be read. The shared context and undelivered
 * messages stand in no event: they are lost.
 */
export async function rebuiltPool(store: Pick<StoreView<Kept>, 'events'>): Promise<KeptPool> {
  let status = NO_STATUS;
  const slots = new Map<string, SlotStatus>();
  for await (const event of allEvents(store)) {
    status = statusAfter(status, event);
    if (event.change?.slots === undefined) continue;
    for (const slot of status.slots) slots.set(slot.id, slot);
  }
  const known = [...slots.values()];
  const { completedTasks: completed, failedTasks: failed, cancelledTasks: cancelled } = status;
  return {
    ledger: {
      spent: microsOf(status.spendUsd),
      estimated: microsOf(status.estimatedUsd),
      reserved: microsOf(status.reservedUsd),
      settled: known.reduce((sum, { tasksCompleted }) => sum + tasksCompleted, 0),
    },
    shared: {},
    ...limitOf(status),
    slots: known.map((slot) => keptSlot(slot, status)),
    counts: { completed, failed, cancelled },
  };
}

async function* allEvents({ events }: Pick<StoreView<Kept>, 'events'>): AsyncGenerator<PoolEvent> {
  let from = 1;
  for (;;) {
    const page = await events({ from, limit: PAGE });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    from = last.seq + 1;
  }
}

/** What was set aside is known as a sum: each attempt that ran is taken to have had the same part of it. */
function keptSlot(
  { id: slotId, name, role, description, tasksCompleted: tasks, spendUsd, taskId }: SlotStatus,
  { reservedUsd, activeTasks }: PoolStatus,
): KeptSlot {
  return {
    slotId,
    identity: definedOnly({ name, role, description }),
    tasks,
    spent: microsOf(spendUsd),
    inbox: [],
    taskId,
    reserved: taskId === undefined ? 0 : Math.ceil(microsOf(reservedUsd) / Math.max(1, activeTasks)),
  };
}

function limitOf({ limit: { state, cause, reason = '', until } }: PoolStatus): Pick<KeptPool, 'limit'> {
  if (state === 'clear' || cause === undefined || until === undefined) return {};
  return { limit: { reason: cause, message: reason, until, strikes: 1 } };
}
