import { resetAlarm } from './alarms.ts';
import { isExhausted } from './budget.ts';
import { isUsable, seatBudget, serves } from './floor.ts';
import type { Floor, Order, Seat, Step } from './floor.ts';
import { ANY_LANE, left, waiting } from './lanes.ts';
import { failure } from './orders.ts';
import { inOrder } from './queue.ts';
import type { TaskEntry, TaskReason } from './task-types.ts';
import type { Timestamp } from './types.ts';

export const BUDGET_EXCEEDED: TaskReason = {
  code: 'BUDGET_EXCEEDED',
  message:
    'Too little of the budget is left for the task. Raise `budgetUsd`, or give the task a lower `maxBudgetUsd`.',
};

/**
 * Why no slot will ever take the task; `undefined` while one may. A name or role that no slot has may still be given to
 * one; where only slots have it that failed, it is gone.
 */
export function vainReason(floor: Floor, entry: TaskEntry): TaskReason | undefined {
  if (isExhausted(floor.ledger)) return BUDGET_EXCEEDED;
  const isPlain = entry.slot === undefined;
  if (isPlain && floor.seats.some((seat) => isUsable(seat) && seat.capMicros === undefined)) return undefined;
  const usable = floor.seats.filter(isUsable);
  if (usable.length === 0) return noSlots(floor);
  const serving = usable.filter((seat) => serves(seat, entry.slot));
  if (serving.length > 0) return serving.every((seat) => isSpent(seat, entry)) ? SLOT_SPENT : undefined;
  const hasFailed = floor.seats.some((seat) => seat.state === 'failed' && serves(seat, entry.slot));
  return hasFailed || (entry.slot !== undefined && 'id' in entry.slot) ? noSlots(floor) : undefined;
}

/** Fails those who wait in vain since that seat was lost or spent. */
export function dismissVain(floor: Floor, seat: Seat, at: Timestamp): Step {
  const orders: Order[] = [];
  let after = floor;
  for (const entry of affected(floor)) {
    const reason = vainReason(floor, entry) ?? orphaned(floor, seat, entry);
    if (reason === undefined) continue;
    const step = left(after, entry);
    after = step.floor;
    orders.push(...step.orders, failure(entry.id, reason, at));
  }
  return { floor: after, orders };
}

/** Fails all who wait: the budget is spent, and nothing is out that could come back. */
export function dismissAll(floor: Floor, at: Timestamp): Step {
  const failures = waiting(floor).map(({ id }) => failure(id, BUDGET_EXCEEDED, at));
  const { floor: after, orders } = resetAlarm(floor, { ...floor, lanes: {}, deadlines: undefined });
  return { floor: after, orders: [...orders, ...failures] };
}

const SLOT_SPENT: TaskReason = {
  code: 'BUDGET_EXCEEDED',
  message:
    'Too little of the budget of the slots that the task may run on is left. Raise the `budgetUsd` of a slot, or give the task a lower `maxBudgetUsd`.',
};

function* affected({ lanes, seats }: Floor): Generator<TaskEntry> {
  const hasPlainSeat = seats.some((seat) => isUsable(seat) && seat.capMicros === undefined);
  for (const [lane, queue] of Object.entries(lanes)) {
    if (lane === ANY_LANE && hasPlainSeat) continue;
    yield* inOrder(queue);
  }
}

/** The one slot that it asked for by name or role is gone. */
function orphaned(floor: Floor, seat: Seat, { slot }: TaskEntry): TaskReason | undefined {
  if (slot === undefined || isUsable(seat) || !serves(seat, slot)) return undefined;
  const isServed = floor.seats.some((other) => isUsable(other) && serves(other, slot));
  return isServed ? undefined : noSlots(floor);
}

function isSpent(seat: Seat, { capMicros = 1 }: TaskEntry): boolean {
  return seatBudget(seat) + seat.reserved < capMicros;
}

function noSlots({ failure: cause }: Floor): TaskReason {
  return {
    code: 'NO_SLOTS_AVAILABLE',
    message: `No slot is left that could run the task. ${cause?.message ?? 'There is no such slot.'}`,
  };
}
