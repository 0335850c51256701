import type { SnapshotFrom } from 'xstate';
import { remaining } from '../../machines/budget.ts';
import type { DirectoryContext } from '../../machines/directory-types.ts';
import type { poolMachine } from '../../machines/pool.ts';
import type { Seat } from '../../machines/floor.ts';
import type { slotMachine } from '../../machines/slot.ts';
import type { PoolStatus, SlotStatus } from '../api.ts';
import type { BudgetState, LifecycleState, LimitState, SlotState } from '../events.ts';
import { usdOf } from '../money.ts';

type PoolSnapshot = SnapshotFrom<typeof poolMachine>;
type SlotSnapshot = SnapshotFrom<typeof slotMachine>;

export function lifecycleOf({ value }: PoolSnapshot): LifecycleState {
  if (typeof value === 'string') return value;
  return 'open' in value ? 'open' : 'draining';
}

export function limitOf({ value }: PoolSnapshot): LimitState {
  return typeof value === 'object' && 'open' in value ? value.open.limit : 'clear';
}

export function budgetOf({ value }: PoolSnapshot): BudgetState {
  return typeof value === 'object' && 'open' in value ? value.open.budget : 'within';
}

export function slotStateOf({ value }: SlotSnapshot): SlotState {
  return typeof value === 'string' ? value : 'recycling';
}

/** The pool as the public API shows it. */
export function statusOf(snapshot: PoolSnapshot, directory: DirectoryContext): PoolStatus {
  const { state, ...rest } = summaryOf(snapshot, directory);
  return { state, slots: slotsOf(snapshot), ...rest };
}

/** All of it but the slots. */
export function summaryOf(snapshot: PoolSnapshot, { counts }: DirectoryContext): Omit<PoolStatus, 'slots'> {
  const { floor, limit } = snapshot.context;
  const { ledger } = floor;
  const isLimited = limit !== undefined && limitOf(snapshot) !== 'clear';
  return {
    state: lifecycleOf(snapshot),
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
  return snapshot.context.floor.seats.map((seat) => slotStatusOf(seat, slotSnapshotOf(snapshot, seat)));
}

export function slotSnapshotOf(
  { children }: PoolSnapshot,
  { slotId }: Pick<Seat, 'slotId'>,
): SlotSnapshot | undefined {
  return children[slotId as `slot-${number}`]?.getSnapshot();
}

export function slotStatusOf(
  { slotId: id, identity, taskId, tasks, spent, capMicros }: Seat,
  slot: SlotSnapshot | undefined,
): SlotStatus {
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
