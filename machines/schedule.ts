import { isPoolAlarm, poolAlarm, resetAlarm, setAlarm } from './alarms.ts';
import { streakAfter } from './breaker.ts';
import { bookable, quote, reserve, settle } from './budget.ts';
import type { DirectoryAssign } from './directory-types.ts';
import { andThen, isTaken, seatBudget, seatOf, withSeat } from './floor.ts';
import type { Floor, Order, Seat, Step } from './floor.ts';
import { BUDGET_EXCEEDED, dismissVain, failure, vainReason } from './in-vain.ts';
import { joined, left, waiting } from './lanes.ts';
import { nextMatch, obstacles } from './match.ts';
import type { Match } from './match.ts';
import { openTime, withDeadline } from './patience.ts';
import type { PoolDrain } from './pool-types.ts';
import { head, inOrder } from './queue.ts';
import type { SlotEvent, SlotFailure, SlotSettled } from './slot-types.ts';
import { entryOf } from './task-entry.ts';
import type { AttemptCancelled, TaskEntry, TaskEvent, TaskInput, TaskReason } from './task-types.ts';
import type { Micros, SlotIdentity, Timestamp } from './types.ts';

export interface SlotConfigure {
  readonly slotId: string;
  readonly identity: SlotIdentity;
  readonly at: Timestamp;
}

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

export function seatReady(floor: Floor, slotId: string): Step {
  return { floor: withSeat(floor, slotId, { state: 'idle', conversation: undefined }), orders: [] };
}

/** What a held seat was held for is known now. */
export function seatReleased(floor: Floor, slotId: string): Step {
  const isHeld = seatOf(floor, slotId)?.state === 'held';
  return { floor: isHeld ? withSeat(floor, slotId, { state: 'idle' }) : floor, orders: [] };
}

/** An assignment that was under way when its slot was lost comes back as settled: until then the seat is taken. */
export function seatLost(floor: Floor, slotId: string): Step {
  const seat = seatOf(floor, slotId);
  if (seat === undefined || isTaken(seat) || seat.state === 'failed') return { floor, orders: [] };
  if (seat.state === 'leaving') return { floor: withoutConversation(floor, slotId), orders: [] };
  return { floor: withSeat(floor, slotId, { state: 'away', conversation: undefined }), orders: [] };
}

/** A slot is out for good; with it go those who can wait for no other. */
export function seatFailed(
  floor: Floor,
  { slotId, failure: cause, at }: { slotId: string; failure: SlotFailure; at: Timestamp },
): Step {
  const after = withSeat({ ...floor, failure: cause }, slotId, { state: 'failed', conversation: undefined });
  const seat = seatOf(after, slotId);
  return seat === undefined ? { floor: after, orders: [] } : dismissVain(after, seat, at);
}

/** An attempt ended: its reservation becomes what it spent, its task hears of it, its seat is free. */
export function settleAttempt(floor: Floor, attempt: SlotSettled, parkedUntil?: Timestamp): Step {
  const { slotId, taskId, generation, verdict, at, chance } = attempt;
  const seat = seatOf(floor, slotId);
  if (seat?.taskId !== taskId) return { floor, orders: [] };
  const report = bookable(attempt.report, seat.reserved);
  const settled = { ...attempt, report };
  const ledger = settle(floor.ledger, {
    reserved: seat.reserved,
    spend: report.spend,
    isEstimate: report.spendEstimated,
  });
  const streak = streakAfter(floor.streak, settled);
  const after = withSeat({ ...floor, ledger, streak }, slotId, afterAttempt(seat, settled));
  const ended = { type: 'attempt.ended', generation, report, verdict, at, chance } as const;
  const event = parkedUntil === undefined ? ended : { ...ended, parkedUntil };
  const isHeld = seatOf(after, slotId)?.state === 'held';
  const delivery = { type: 'directory.deliver', taskId, event } as const;
  const told: Order = { to: 'directory', event: isHeld ? { ...delivery, releases: slotId } : delivery };
  const orders = seat.state === 'retiring' ? [told, home(slotId, at)] : [told];
  if (seat.capMicros === undefined) return { floor: after, orders };
  return andThen({ floor: after, orders }, (before) => dismissVain(before, seat, at));
}

/** An assignment came too late for its task: the seat is idle again and nothing is reserved. */
export function voidAssignment(floor: Floor, slotId: string, at: Timestamp): Step {
  const { ledger } = floor;
  const seat = seatOf(floor, slotId);
  if (seat === undefined) return { floor, orders: [] };
  const after = { ...floor, ledger: { ...ledger, reserved: ledger.reserved - seat.reserved } };
  const change = { state: stateAfter(seat, 'idle'), taskId: undefined, reserved: 0, next: undefined };
  const orders = seat.state === 'retiring' ? [home(slotId, at)] : [];
  return { floor: withSeat(after, slotId, change), orders };
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

/** A probe is none any more once it is answered. */
export function seatAnswered(floor: Floor, slotId: string): Step {
  return { floor: withSeat(floor, slotId, { isProbe: undefined }), orders: [] };
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

/** Nothing more is taken. Who waits and is kept is none of the floor's any more. */
export function close(floor: Floor, { at, until, pending }: Omit<PoolDrain, 'type'>): Step {
  const empty = pending === 'keep' ? sendHome(floor, at) : dismiss(floor, at);
  const closed = andThen(empty, (open) =>
    resetAlarm(floor, { ...open, lanes: {}, alarms: undefined, deadlines: undefined }),
  );
  if (until === undefined) return closed;
  return andThen(closed, (open) => setAlarm(open, poolAlarm(until)));
}

/** A new task behind a closed door: it is known, and waits for a later pool. */
export function keep(floor: Floor, input: TaskInput): Step {
  return { floor, orders: [admission(input)] };
}

/** A new task at a closed door: it is known, and cancelled. */
export function refuse(floor: Floor, input: TaskInput): Step {
  return { floor, orders: [admission(input), cancel(input.id, input.submittedAt)] };
}

/** A task that would wait again at a closed door. */
export function turnAway(floor: Floor, taskId: string, at: Timestamp): Step {
  return { floor, orders: [cancel(taskId, at)] };
}

export function dismissRunning(floor: Floor, at: Timestamp): Step {
  const running = floor.seats.flatMap(({ taskId }) => taskId ?? []);
  return { floor, orders: running.map((taskId) => cancel(taskId, at)) };
}

/** Hands an event to a task. */
export function tell(
  floor: Floor,
  { taskId, event }: { readonly taskId: string; readonly event: TaskEvent },
): Step {
  return { floor, orders: [{ to: 'directory', event: { type: 'directory.deliver', taskId, event } }] };
}

export function interrupt(floor: Floor, { slotId, taskId, generation, at }: AttemptCancelled): Step {
  return tellSlot(floor, slotId, { type: 'slot.interrupt', taskId, generation, at });
}

/** A slot gets another name, role or description: its next process knows, and tasks may ask for it, or not any more. */
export function configure(floor: Floor, { slotId, identity, at }: SlotConfigure): Step {
  const named = withSeat(floor, slotId, { identity });
  const step = tellSlot(named, slotId, { type: 'slot.configure', identity, at });
  const seat = seatOf(named, slotId);
  return seat === undefined ? step : andThen(step, (before) => dismissVain(before, seat, at));
}

/** Tells a slot something; one that is gone hears nothing. */
export function tellSlot(floor: Floor, slotId: string, event: SlotEvent): Step {
  const isThere = seatOf(floor, slotId) !== undefined;
  return { floor, orders: isThere ? [{ to: 'slot', slotId, event }] : [] };
}

export function countReviews(floor: Floor, change: 1 | -1): Step {
  return { floor: { ...floor, reviews: floor.reviews + change }, orders: [] };
}

/** What a draining pool does with whatever comes up: who waits is cancelled, who is not busy goes home. */
export function dismiss(floor: Floor, at: Timestamp): Step {
  const waits = [...waiting(floor), ...[...inOrder(floor.alarms)].filter((entry) => !isPoolAlarm(entry))];
  const cancelled = { floor: { ...floor, lanes: {} }, orders: waits.map(({ id }) => cancel(id, at)) };
  return andThen(cancelled, (empty) => sendHome(empty, at));
}

export function withoutSeat(floor: Floor, slotId: string): Step {
  return { floor: { ...floor, seats: floor.seats.filter((seat) => seat.slotId !== slotId) }, orders: [] };
}

const POOL_CLOSED: TaskReason = {
  code: 'POOL_CLOSED',
  message: 'The pool was drained before the task could end.',
};
const WAITED_TOO_LONG: TaskReason = {
  code: 'NO_SLOTS_AVAILABLE',
  message: 'No slot was free within `slotWaitMs`. Add slots, or let the task wait longer.',
};

function admission(input: TaskInput): Order {
  return { to: 'directory', event: { type: 'directory.admit', input } };
}

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

function withoutConversation(floor: Floor, slotId: string): Floor {
  const seats = floor.seats.map((seat) =>
    seat.slotId === slotId ? { ...seat, conversation: undefined } : seat,
  );
  return { ...floor, seats };
}

/** A conversation that failed stays with its slot until the slot says that it is rid of it. */
function afterAttempt(seat: Seat, { report, ready }: SlotSettled): Partial<Seat> {
  const conversation = report.sessionId ?? seat.conversation;
  return {
    state: stateAfter(seat, ready ? (seat.next ?? 'idle') : 'away'),
    tasks: seat.tasks + 1,
    spent: seat.spent + report.spend,
    taskId: undefined,
    reserved: 0,
    next: undefined,
    conversation: seat.state === 'failed' ? undefined : conversation,
  };
}

/** A slot may have failed, or been told to go, with an assignment under way. */
function stateAfter({ state }: Seat, next: Seat['state']): Seat['state'] {
  if (state === 'failed') return 'failed';
  return state === 'retiring' ? 'leaving' : next;
}

/** Who is not busy goes home. */
function sendHome(floor: Floor, at: Timestamp): Step {
  const goers = floor.seats.filter(({ state, taskId }) => taskId === undefined && state !== 'leaving');
  const seats = floor.seats.map((seat): Seat =>
    goers.includes(seat) ? { ...seat, state: 'leaving' } : seat,
  );
  return { floor: { ...floor, seats }, orders: goers.map(({ slotId }) => home(slotId, at)) };
}

function cancel(taskId: string, at: Timestamp): Order {
  const event = { type: 'task.cancel', at, reason: POOL_CLOSED } as const;
  return { to: 'directory', event: { type: 'directory.deliver', taskId, event } };
}

function home(slotId: string, at: Timestamp): Order {
  return { to: 'slot', slotId, event: { type: 'slot.drain', at } };
}
