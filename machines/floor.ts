import type { Ledger } from './budget.ts';
import type { DirectoryEvent } from './directory-types.ts';
import type { AlarmCommand } from './port.ts';
import type { Queue } from './queue.ts';
import type { SlotEvent, SlotFailure } from './slot-types.ts';
import type { TaskEntry } from './task-types.ts';
import type { Micros, SlotIdentity, SlotSpec, SlotWish, Timestamp } from './types.ts';
import type { VerdictName } from './verdict-types.ts';

/**
 * A slot as the scheduler sees it.
 * `away`: starting, recycling or recovering. `held`: idle, for tasks of its group only, until the pool knows what the
 * last result leads to. `retiring`: busy for the last time. `leaving`: it was told to go home.
 */
export interface Seat {
  readonly slotId: string;
  readonly identity: SlotIdentity;
  /** Cap on `spent + reserved`; absent means none. */
  readonly capMicros?: Micros | undefined;
  readonly state: 'away' | 'idle' | 'held' | 'busy' | 'retiring' | 'failed' | 'leaving';
  readonly tasks: number;
  readonly spent: Micros;
  /** Present while busy, and in a seat that failed until its assignment comes back. */
  readonly taskId?: string | undefined;
  readonly reserved: Micros;
  /** Its attempt is to show whether a limit still holds. */
  readonly isProbe?: true | undefined;
  /** What follows the attempt that runs. */
  readonly next?: 'idle' | 'held' | undefined;
  /** The conversation that its process is in. */
  readonly conversation?: string | undefined;
  /** Group and kind of its last task. */
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
}

/** What a pool is held to. */
export interface FloorRules {
  /** Reviews that may wait before no more attempt is started. */
  readonly maxPendingReview: number;
  /** Tasks in a row that end alike before the pool parks; `0` means never. */
  readonly breakAfter: number;
  /** What an attempt without a cap of its own reserves and is held to. */
  readonly reservation?: Micros;
  readonly autoscale?: Autoscale;
}

/** How many slots a pool adds and gives up by itself. */
export interface Autoscale {
  readonly min: number;
  readonly max: number;
  /** How long there must be too many slots before one goes. */
  readonly idleMs: number;
}

/** One bad verdict, and the tasks in a row that ended with it. */
export interface Streak {
  readonly verdict: VerdictName;
  readonly tasks: readonly string[];
}

/** What the scheduler decides on. */
export interface Floor {
  readonly rules: FloorRules;
  readonly ledger: Ledger;
  readonly seats: readonly Seat[];
  /** Waiting tasks by the slot they ask for; those that take any slot are in the lane `any`. */
  readonly lanes: Readonly<Record<string, Queue<TaskEntry>>>;
  /** Who is to be woken when; an entry's priority is its negative time. */
  readonly alarms: Queue;
  /** Who stops waiting for a slot when, in the same form. */
  readonly deadlines: Queue<Deadline>;
  readonly pause?: Pause | undefined;
  /** Results that wait for review. */
  readonly reviews: number;
  readonly streak?: Streak | undefined;
  /** Since when there are more slots than work. */
  readonly surplusSince?: Timestamp | undefined;
  /** Why the last slot failed. */
  readonly failure?: SlotFailure | undefined;
}

/** Time that does not count as waiting for a slot, because a limit held the pool back. */
export interface Pause {
  /** How long all pauses were that are over. */
  readonly total: number;
  /** When the one that lasts began. */
  readonly since?: Timestamp | undefined;
}

/** When a task stops waiting for a slot, in open time. */
export interface Deadline {
  readonly id: string;
  readonly priority: number;
  readonly seq: number;
  readonly entry: TaskEntry;
}

/** A message that a decision makes necessary; `house` is the pool itself, which starts a slot. */
export type Order =
  | { readonly to: 'directory'; readonly event: DirectoryEvent }
  | { readonly to: 'alarm'; readonly event: AlarmCommand }
  | { readonly to: 'slot'; readonly slotId: string; readonly event: SlotEvent }
  | { readonly to: 'house'; readonly event: SlotOpen };

export interface SlotOpen {
  readonly type: 'slot.open';
  readonly slotId: string;
  readonly identity: SlotIdentity;
}

/** A decision: the floor after it, and the messages to send. */
export interface Step {
  readonly floor: Floor;
  readonly orders: readonly Order[];
}

export function openFloor(
  slots: readonly SlotSpec[],
  { ledger, rules }: Pick<Floor, 'ledger' | 'rules'>,
): Floor {
  const seats = slots.map((spec, index) => newSeat(`slot-${index}`, spec));
  return { rules, ledger, seats, lanes: {}, alarms: undefined, deadlines: undefined, reviews: 0 };
}

export function newSeat(slotId: string, { capMicros, ...identity }: SlotSpec = {}): Seat {
  const seat: Seat = { slotId, identity, state: 'away', tasks: 0, spent: 0, reserved: 0 };
  return capMicros === undefined ? seat : { ...seat, capMicros };
}

/** The second decision on the floor that the first one leaves. */
export function andThen({ floor, orders }: Step, decide: (floor: Floor) => Step): Step {
  const next = decide(floor);
  if (next.orders.length === 0) return { floor: next.floor, orders };
  return { floor: next.floor, orders: [...orders, ...next.orders] };
}

export function seatOf({ seats }: Pick<Floor, 'seats'>, slotId: string): Seat | undefined {
  return seats.find((seat) => seat.slotId === slotId);
}

/** A seat that leaves stays so, whatever else is told of it. */
export function withSeat(floor: Floor, slotId: string, change: Partial<Seat>): Floor {
  const index = floor.seats.findIndex((seat) => seat.slotId === slotId);
  const seat = floor.seats[index];
  if (seat === undefined || seat.state === 'leaving') return floor;
  return { ...floor, seats: floor.seats.with(index, { ...seat, ...change }) };
}

/** Whether the seat takes tasks, now or later. */
export function isUsable({ state }: Seat): boolean {
  return state !== 'failed' && state !== 'retiring' && state !== 'leaving';
}

export function hasUsableSeat({ seats }: Pick<Floor, 'seats'>): boolean {
  return seats.some(isUsable);
}

/** Whether a task is on the seat. */
export function isTaken({ state }: Seat): boolean {
  return state === 'busy' || state === 'retiring';
}

export function serves({ slotId, identity }: Seat, wish: SlotWish | undefined): boolean {
  if (wish === undefined) return true;
  if ('id' in wish) return wish.id === slotId;
  return 'name' in wish ? wish.name === identity.name : wish.role === identity.role;
}

/** What the seat may still spend; `Infinity` without a cap. */
export function seatBudget({ capMicros = Infinity, spent, reserved }: Seat): number {
  return Math.max(0, capMicros - spent - reserved);
}
