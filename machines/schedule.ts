import type { DirectoryEvent } from './directory.ts';
import { quote, reserve, settle } from './budget.ts';
import type { Ledger } from './budget.ts';
import type { AlarmCommand } from './port.ts';
import { dequeued, enqueued, head, inOrder, precedes } from './queue.ts';
import type { Queue, QueueEntry } from './queue.ts';
import type { SlotEvent, SlotFailure, SlotSettled } from './slot-types.ts';
import { entryOf } from './task.ts';
import type { AttemptCancelled, TaskEntry, TaskEvent, TaskInput, TaskReason } from './task-types.ts';
import type { Micros, SlotIdentity, SlotWish, Timestamp } from './types.ts';

/** A slot as the scheduler sees it. */
export interface Seat {
  readonly slotId: string;
  readonly identity: SlotIdentity;
  /** `away`: starting, recycling or recovering. `leaving`: it was told to go home. */
  readonly state: 'away' | 'idle' | 'busy' | 'failed' | 'leaving';
  readonly tasks: number;
  readonly spent: Micros;
  /** Present while busy, and in a seat that failed until its assignment comes back. */
  readonly taskId?: string | undefined;
  readonly reserved: Micros;
}

/** What the scheduler decides on. */
export interface Floor {
  readonly ledger: Ledger;
  readonly seats: readonly Seat[];
  /** Waiting tasks by the slot they ask for; those that take any slot are in the lane `any`. */
  readonly lanes: Readonly<Record<string, Queue<TaskEntry>>>;
  /** Who is to be woken when; an entry's priority is its negative time. */
  readonly alarms: Queue;
  /** Why the last slot failed. */
  readonly failure?: SlotFailure | undefined;
}

/** A message that a decision makes necessary. */
export type Order =
  | { readonly to: 'directory'; readonly event: DirectoryEvent }
  | { readonly to: 'alarm'; readonly event: AlarmCommand }
  | { readonly to: 'slot'; readonly slotId: string; readonly event: SlotEvent };

/** A decision: the floor after it, and the messages to send. */
export interface Step {
  readonly floor: Floor;
  readonly orders: readonly Order[];
}

/** A new task joins the waiting order. */
export function admit(floor: Floor, input: TaskInput): Step {
  const { floor: after, orders } = enroll(floor, entryOf(input), input.submittedAt);
  return {
    floor: after,
    orders: [{ to: 'directory', event: { type: 'directory.admit', input } }, ...orders],
  };
}

/** A task waits for a slot; with no slot left to come, it fails at once. */
export function enroll(floor: Floor, entry: TaskEntry, at: Timestamp): Step {
  if (!hasUsableSeat(floor)) return { floor, orders: [failure(entry.id, noSlots(floor), at)] };
  const lane = laneOf(entry.slot);
  return {
    floor: { ...floor, lanes: { ...floor.lanes, [lane]: enqueued(floor.lanes[lane], entry) } },
    orders: [],
  };
}

export function withdraw(floor: Floor, entry: TaskEntry): Step {
  return { floor: { ...floor, lanes: without(floor.lanes, entry) }, orders: [] };
}

export function setAlarm(floor: Floor, entry: QueueEntry): Step {
  return reset(floor, enqueued(floor.alarms, entry));
}

export function dropAlarm(floor: Floor, entry: QueueEntry): Step {
  return reset(floor, dequeued(floor.alarms, entry));
}

/** Wakes all who asked for that time or an earlier one. */
export function ring(floor: Floor, at: Timestamp): Step {
  const due: Order[] = [];
  let alarms = floor.alarms;
  for (let entry = head(alarms); entry !== undefined && -entry.priority <= at; entry = head(alarms)) {
    if (entry.id !== POOL_ALARM) due.push(wake(entry.id, at));
    alarms = dequeued(alarms, entry);
  }
  const { floor: after, orders } = reset({ ...floor, alarms: undefined }, alarms);
  return { floor: after, orders: [...due, ...orders] };
}

export function seatReady(floor: Floor, slotId: string): Step {
  return { floor: withSeat(floor, slotId, { state: 'idle' }), orders: [] };
}

/** An assignment that was under way when its slot was lost comes back as settled: until then the seat is busy. */
export function seatLost(floor: Floor, slotId: string): Step {
  const isBusy = seatOf(floor, slotId)?.state === 'busy';
  return { floor: isBusy ? floor : withSeat(floor, slotId, { state: 'away' }), orders: [] };
}

/** A slot is out for good; with the last one go all who wait. */
export function seatFailed(
  floor: Floor,
  { slotId, failure: cause, at }: { slotId: string; failure: SlotFailure; at: Timestamp },
): Step {
  const after = { ...withSeat(floor, slotId, { state: 'failed' }), failure: cause };
  if (hasUsableSeat(after)) return { floor: after, orders: [] };
  const orders = waiting(after).map((entry) => failure(entry.id, noSlots(after), at));
  return { floor: { ...after, lanes: {} }, orders };
}

/** An attempt ended: its reservation becomes what it spent, its task hears of it, its seat is free. */
export function settleAttempt(floor: Floor, settled: SlotSettled, parkedUntil?: Timestamp): Step {
  const { slotId, taskId, generation, report, verdict, at, chance, ready } = settled;
  const seat = seatOf(floor, slotId);
  if (seat?.taskId !== taskId) return { floor, orders: [] };
  const ledger = settle(floor.ledger, {
    reserved: seat.reserved,
    spend: report.spend,
    isEstimate: report.spendEstimated,
  });
  const after = withSeat({ ...floor, ledger }, slotId, {
    state: freed(seat, ready ? 'idle' : 'away'),
    tasks: seat.tasks + 1,
    spent: seat.spent + report.spend,
    taskId: undefined,
    reserved: 0,
  });
  const ended = { type: 'attempt.ended', generation, report, verdict, at, chance } as const;
  const event = parkedUntil === undefined ? ended : { ...ended, parkedUntil };
  return { floor: after, orders: [{ to: 'directory', event: { type: 'directory.deliver', taskId, event } }] };
}

/** An assignment came too late for its task: the seat is idle again and nothing is reserved. */
export function voidAssignment(floor: Floor, slotId: string): Step {
  const { ledger } = floor;
  const seat = seatOf(floor, slotId);
  if (seat === undefined) return { floor, orders: [] };
  const after = { ...floor, ledger: { ...ledger, reserved: ledger.reserved - seat.reserved } };
  const change = { state: freed(seat, 'idle'), taskId: undefined, reserved: 0 };
  return { floor: withSeat(after, slotId, change), orders: [] };
}

/** Gives waiting tasks to idle slots, best first, while the budget allows; at most `limit` of them. */
export function dispatch(floor: Floor, at: Timestamp, limit = Infinity): Step {
  const orders: Order[] = [];
  let after = floor;
  let granted = 0;
  while (granted < limit) {
    const match = nextMatch(after);
    if (match === undefined) break;
    const { entry, seat } = match;
    const offer = quote(after.ledger, { cap: entry.capMicros, slots: after.seats.length });
    if (offer.type === 'wait') break;
    after = { ...after, lanes: without(after.lanes, entry) };
    if (offer.type === 'exceeded') {
      orders.push(failure(entry.id, BUDGET_EXCEEDED, at));
      continue;
    }
    granted += 1;
    const isHeld = entry.capMicros !== undefined || after.ledger.limit !== undefined;
    const ledger = reserve(after.ledger, offer.amount);
    after = withSeat({ ...after, ledger }, seat.slotId, {
      state: 'busy',
      taskId: entry.id,
      reserved: offer.amount,
    });
    const order = { type: 'directory.assign', taskId: entry.id, slotId: seat.slotId, at } as const;
    orders.push({ to: 'directory', event: isHeld ? { ...order, capMicros: offer.amount } : order });
  }
  return { floor: after, orders };
}

/** One task only, and only while none runs: the answer tells whether a limit still holds. */
export function probe(floor: Floor, at: Timestamp): Step {
  return hasBusySeat(floor) ? { floor, orders: [] } : dispatch(floor, at, 1);
}

/** The second decision on the floor that the first one leaves. */
export function andThen({ floor, orders }: Step, decide: (floor: Floor) => Step): Step {
  const next = decide(floor);
  return { floor: next.floor, orders: [...orders, ...next.orders] };
}

/** Nothing more is taken. What still runs at `until` is cancelled too. */
export function close(
  floor: Floor,
  { at, until }: { readonly at: Timestamp; readonly until?: Timestamp },
): Step {
  const dismissed = andThen(dismiss(floor, at), (open) => reset(open, undefined));
  if (until === undefined) return dismissed;
  return andThen(dismissed, (open) => setAlarm(open, poolAlarm(until)));
}

/** An alarm of the pool itself. */
export function poolAlarm(at: Timestamp): QueueEntry {
  return { id: POOL_ALARM, priority: -at, seq: -1 };
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
  const event = { type: 'slot.interrupt', taskId, generation, at } as const;
  return { floor, orders: [{ to: 'slot', slotId, event }] };
}

/** What a draining pool does with whatever comes up: who waits is cancelled, who is not busy goes home. */
export function dismiss(floor: Floor, at: Timestamp): Step {
  const waits = [...waiting(floor), ...inOrder(floor.alarms)].filter(({ id }) => id !== POOL_ALARM);
  const goers = floor.seats.filter(({ state, taskId }) => taskId === undefined && state !== 'leaving');
  const seats = floor.seats.map((seat): Seat =>
    goers.includes(seat) ? { ...seat, state: 'leaving' } : seat,
  );
  return {
    floor: { ...floor, lanes: {}, seats },
    orders: [...waits.map(({ id }) => cancel(id, at)), ...goers.map(({ slotId }) => home(slotId, at))],
  };
}

export function withoutSeat(floor: Floor, slotId: string): Step {
  return { floor: { ...floor, seats: floor.seats.filter((seat) => seat.slotId !== slotId) }, orders: [] };
}

/** All who wait for a slot, in the order of their lanes. */
export function waiting({ lanes }: Pick<Floor, 'lanes'>): readonly TaskEntry[] {
  return Object.values(lanes).flatMap((lane) => [...inOrder(lane)]);
}

export function hasUsableSeat({ seats }: Pick<Floor, 'seats'>): boolean {
  return seats.some(({ state }) => state !== 'failed');
}

function hasBusySeat({ seats }: Pick<Floor, 'seats'>): boolean {
  return seats.some(({ state }) => state === 'busy');
}

const POOL_ALARM = 'pool';
const POOL_CLOSED: TaskReason = {
  code: 'POOL_CLOSED',
  message: 'The pool was drained before the task could end.',
};
const BUDGET_EXCEEDED: TaskReason = {
  code: 'BUDGET_EXCEEDED',
  message:
    'Too little of the budget is left for the task. Raise `budgetUsd`, or give the task a lower `maxBudgetUsd`.',
};

function noSlots({ failure: cause }: Floor): TaskReason {
  return {
    code: 'NO_SLOTS_AVAILABLE',
    message: `No slot is left. ${cause?.message ?? 'The pool has no slots.'}`,
  };
}

function wake(taskId: string, at: Timestamp): Order {
  return { to: 'directory', event: { type: 'directory.deliver', taskId, event: { type: 'task.wake', at } } };
}

function cancel(taskId: string, at: Timestamp): Order {
  const event = { type: 'task.cancel', at, reason: POOL_CLOSED } as const;
  return { to: 'directory', event: { type: 'directory.deliver', taskId, event } };
}

function home(slotId: string, at: Timestamp): Order {
  return { to: 'slot', slotId, event: { type: 'slot.drain', at } };
}

function failure(taskId: string, reason: TaskReason, at: Timestamp): Order {
  return {
    to: 'directory',
    event: { type: 'directory.deliver', taskId, event: { type: 'task.fail', at, reason } },
  };
}

interface Match {
  readonly entry: TaskEntry;
  readonly seat: Seat;
}

/** The first task in the order of all lanes that an idle slot serves, with the least used of these slots. */
function nextMatch({ lanes, seats }: Floor): Match | undefined {
  if (!seats.some(isIdle)) return undefined;
  let best: Match | undefined;
  for (const lane of Object.values(lanes)) {
    const entry = head(lane);
    if (entry === undefined || (best !== undefined && !precedes(entry, best.entry))) continue;
    const seat = leastUsed(seats, entry.slot);
    if (seat !== undefined) best = { entry, seat };
  }
  return best;
}

function leastUsed(seats: readonly Seat[], wish: SlotWish | undefined): Seat | undefined {
  let best: Seat | undefined;
  for (const seat of seats) {
    if (!isIdle(seat) || !serves(seat, wish)) continue;
    if (best === undefined || seat.tasks < best.tasks) best = seat;
  }
  return best;
}

/** A slot may have failed with an assignment under way. */
function freed({ state }: Seat, next: Seat['state']): Seat['state'] {
  return state === 'failed' ? 'failed' : next;
}

function isIdle({ state }: Seat): boolean {
  return state === 'idle';
}

function serves({ slotId, identity }: Seat, wish: SlotWish | undefined): boolean {
  if (wish === undefined) return true;
  if ('id' in wish) return wish.id === slotId;
  return 'name' in wish ? wish.name === identity.name : wish.role === identity.role;
}

function seatOf({ seats }: Pick<Floor, 'seats'>, slotId: string): Seat | undefined {
  return seats.find((seat) => seat.slotId === slotId);
}

function laneOf(wish: SlotWish | undefined): string {
  return wish === undefined ? 'any' : Object.entries(wish).flat().join(':');
}

function without(lanes: Floor['lanes'], entry: TaskEntry): Floor['lanes'] {
  const lane = laneOf(entry.slot);
  const rest = dequeued(lanes[lane], entry);
  if (rest !== undefined) return { ...lanes, [lane]: rest };
  const { [lane]: _, ...others } = lanes;
  return others;
}

/** A seat that leaves stays so, whatever else is told of it. */
function withSeat(floor: Floor, slotId: string, change: Partial<Seat>): Floor {
  const index = floor.seats.findIndex((seat) => seat.slotId === slotId);
  const seat = floor.seats[index];
  if (seat === undefined || seat.state === 'leaving') return floor;
  return { ...floor, seats: floor.seats.with(index, { ...seat, ...change }) };
}

/** Sets the pool's one timer anew when the earliest time has changed. */
function reset(floor: Floor, alarms: Queue): Step {
  const next = head(alarms)?.priority;
  const after = { ...floor, alarms };
  if (next === head(floor.alarms)?.priority) return { floor: after, orders: [] };
  const event: AlarmCommand = next === undefined ? { type: 'alarm.clear' } : { type: 'alarm.set', at: -next };
  return { floor: after, orders: [{ to: 'alarm', event }] };
}
