import { quote, reserve } from './budget.ts';
import type { DirectoryAssign } from './directory-types.ts';
import { andThen, isTaken, seatBudget, withSeat } from './floor.ts';
import type { Floor, Step } from './floor.ts';
import { BUDGET_EXCEEDED, vainReason } from './in-vain.ts';
import { joined, left } from './lanes.ts';
import { nextMatch, obstacles } from './match.ts';
import type { Match } from './match.ts';
import { admission, failure } from './orders.ts';
import { openTime, withDeadline } from './patience.ts';
import { head } from './queue.ts';
import { entryOf } from './task-entry.ts';
import type { TaskEntry, TaskInput, TaskReason } from './task-types.ts';
import type { Micros, Timestamp } from './types.ts';

/** A new task joins the waiting order. */
export function admit(floor: Floor, input: TaskInput): Step {
  const { floor: after, orders } = enroll(floor, entryOf(input), input.submittedAt);
  return { floor: after, orders: [admission(input), ...orders] };
}

/** A task waits for a slot; when none can come, it fails at once. */
export function enroll(floor: Floor, entry: TaskEntry, at: Timestamp): Step {
  const reason = vainReason(floor, entry);
  if (reason !== undefined) return { floor, orders: [failure(entry.id, reason, at)] };
  return joined(floor, withDeadline(floor, entry, at));
}

export function countReviews(floor: Floor, change: 1 | -1): Step {
  return { floor: { ...floor, reviews: floor.reviews + change }, orders: [] };
}

/** Fails those who have waited too long for a slot. */
export function expire(floor: Floor, at: Timestamp): Step {
  const now = openTime(floor, at);
  let step: Step = { floor, orders: [] };
  let due = head(floor.deadlines);
  while (due !== undefined && -due.priority <= now) {
    const { entry } = due;
    step = andThen(step, (before) => left(before, entry));
    step = andThen(step, (before) => ({
      floor: before,
      orders: [failure(entry.id, WAITED_TOO_LONG, at)],
    }));
    due = head(step.floor.deadlines);
  }
  return step;
}

/** Gives waiting tasks to free slots, best first, while budget and reviews allow. */
export function dispatch(floor: Floor, at: Timestamp): Step {
  return giveOut(floor, { at, isProbe: false });
}

/** One task only, and one at a time: its answer tells whether a limit still holds. */
export function probe(floor: Floor, at: Timestamp): Step {
  const isUnderWay = floor.seats.some((seat) => isTaken(seat) && seat.isProbe === true);
  return isUnderWay ? { floor, orders: [] } : giveOut(floor, { at, isProbe: true });
}

function giveOut(floor: Floor, { at, isProbe }: { readonly at: Timestamp; readonly isProbe: boolean }): Step {
  if (floor.reviews >= floor.rules.maxPendingReview) return { floor, orders: [] };
  const most = isProbe ? 1 : Infinity;
  let step = makeWay(floor, at);
  let granted = 0;
  while (granted < most) {
    const match = nextMatch(step.floor);
    if (match === undefined) break;
    const offer = offerFor(step.floor, match);
    if (offer.type === 'wait') break;
    const { entry } = match;
    step = andThen(step, (before) => left(before, entry));
    if (offer.type === 'exceeded') {
      step = andThen(step, (before) => ({
        floor: before,
        orders: [failure(entry.id, BUDGET_EXCEEDED, at)],
      }));
      continue;
    }
    granted += 1;
    step = andThen(step, (before) => assign(before, match, { amount: offer.amount, at, isProbe }));
  }
  return step;
}

const WAITED_TOO_LONG: TaskReason = {
  code: 'NO_SLOTS_AVAILABLE',
  message: 'No slot was free within `slotWaitMs`. Add slots, or let the task wait longer.',
};

function offerFor({ ledger, seats, rules }: Floor, { entry, seat }: Match) {
  return quote(ledger, {
    cap: entry.capMicros,
    reservation: rules.reservation,
    most: seatBudget(seat),
    slots: seats.length,
  });
}

/** Who has no cap of his own is still held to what was set aside, when there is anything to protect. */
function assign(
  floor: Floor,
  { entry, seat }: Match,
  { amount, at, isProbe }: { readonly amount: Micros; readonly at: Timestamp; readonly isProbe: boolean },
): Step {
  const { id: taskId, capMicros, group, kind, resume = seat.conversation, holds } = entry;
  const isHeld = [capMicros, floor.ledger.limit, floor.rules.reservation, seat.capMicros].some(
    (bound) => bound !== undefined,
  );
  const order: DirectoryAssign = { type: 'directory.assign', taskId, slotId: seat.slotId, at };
  const continued = entry.recent !== undefined && entry.recent === seat.conversation;
  const event = {
    ...order,
    ...(isHeld && { capMicros: amount }),
    ...(continued && { conversation: entry.recent }),
    ...(group !== undefined && group !== seat.group && { isStranger: true }),
    ...(isProbe && { isProbe }),
  };
  const after = withSeat({ ...floor, ledger: reserve(floor.ledger, amount) }, seat.slotId, {
    state: 'busy',
    taskId,
    reserved: amount,
    group,
    kind,
    conversation: resume,
    isProbe: isProbe || undefined,
    next: holds === true ? 'held' : 'idle',
  });
  return { floor: after, orders: [{ to: 'directory', event }] };
}

function makeWay(floor: Floor, at: Timestamp): Step {
  const seats = obstacles(floor);
  if (seats.length === 0) return { floor, orders: [] };
  return {
    floor: seats.reduce((before, { slotId }) => withSeat(before, slotId, { state: 'away' }), floor),
    orders: seats.map(({ slotId }) => ({ to: 'slot', slotId, event: { type: 'slot.forget', at } })),
  };
}
