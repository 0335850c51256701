import type { SnapshotFrom } from 'xstate';
import { remaining } from '../machines/budget.ts';
import type { DirectoryContext } from '../machines/directory.ts';
import type { poolMachine } from '../machines/pool.ts';
import type { Seat } from '../machines/floor.ts';
import type { slotMachine } from '../machines/slot.ts';
import type { PoolStatus, SlotStatus } from './api.ts';
import type { BudgetState, LifecycleState, LimitState, SlotState } from './events.ts';
import { usdOf } from './money.ts';

type PoolSnapshot = SnapshotFrom<typeof poolMachine>;
type SlotSnapshot = SnapshotFrom<typeof slotMachine>;

export function lifecycleOf({ value }: PoolSnapshot): LifecycleState {
  return typeof value === 'string' ? value : 'open';
}

export function limitOf({ value }: PoolSnapshot): LimitState {
  return typeof value === 'string' ? 'clear' : value.open.limit;
}

export function budgetOf({ value }: PoolSnapshot): BudgetState {
  return typeof value === 'string' ? 'within' : value.open.budget;
}

export function slotStateOf({ value }: SlotSnapshot): SlotState {
  return typeof value === 'string' ? value : 'recycling';
}

/** The pool as the public API shows it. */
export function statusOf(snapshot: PoolSnapshot, { counts }: DirectoryContext): PoolStatus {
  const { floor, limit } = snapshot.context;
  const { ledger } = floor;
  const isLimited = limit !== undefined && limitOf(snapshot) !== 'clear';
  return {
    state: lifecycleOf(snapshot),
    slots: slotsOf(snapshot),
    activeTasks: counts.running,
    pendingTasks: counts.pending,
    pendingReview: counts.pendingReview,
    completedTasks: counts.completed,
    failedTasks: counts.failed,
    cancelledTasks: counts.cancelled,
    spendUsd: usdOf(ledger.spent),
    estimatedUsd: usdOf(ledger.estimated),
    reservedUsd: usdOf(ledger.reserved),
    ...(ledger.limit !== undefined && {
      budgetUsd: usdOf(ledger.limit),
      remainingUsd: usdOf(remaining(ledger)),
    }),
    limit: {
      state: limitOf(snapshot),
      ...(isLimited && { cause: limit.reason, reason: limit.message, until: limit.until }),
    },
  };
}

/** All slots, those that are being stopped included. */
export function slotsOf(snapshot: PoolSnapshot): readonly SlotStatus[] {
  return snapshot.context.floor.seats.map((seat) => slotStatusOf(seat, snapshot));
}

function slotStatusOf(
  { slotId: id, identity, taskId, tasks, spent, capMicros }: Seat,
  { children }: PoolSnapshot,
): SlotStatus {
  const slot = children[id as `slot-${number}`]?.getSnapshot();
  const failure = slot?.context.failure;
  return {
    id,
    ...identity,
    state: slot === undefined ? 'stopped' : slotStateOf(slot),
    activeTasks: taskId === undefined ? 0 : 1,
    ...(taskId !== undefined && { taskId }),
    tasksCompleted: tasks,
    spendUsd: usdOf(spent),
    ...(capMicros !== undefined && { budgetUsd: usdOf(capMicros) }),
    messages: slot?.context.inbox.length ?? 0,
    restarts: slot?.context.restarts.length ?? 0,
    ...(failure !== undefined && { reason: failure.message }),
  };
}
