import { openLedger } from '../../machines/budget.ts';
import type { Floor, Order, Seat } from '../../machines/floor.ts';
import { enroll } from '../../machines/schedule.ts';
import type { SlotSettled } from '../../machines/slot-types.ts';
import type { TaskEntry } from '../../machines/task-types.ts';
import type { Evidence } from '../../machines/types.ts';
import { ANSWERED, endOf } from './attempt.ts';

/** When everything happens that does not say otherwise. */
export const AT = 5;

export interface FloorSketch extends Partial<Omit<Floor, 'seats' | 'ledger' | 'rules'>> {
  readonly limit?: number;
  /** Who all seats are. */
  readonly identity?: Seat['identity'];
  readonly rules?: Partial<Floor['rules']>;
}

/** A floor of seats `slot-0`, `slot-1` …, each told by its state or by what is special about it. */
export function floorOf(
  seats: readonly (Seat['state'] | Partial<Seat>)[],
  { limit, identity = {}, rules, ...change }: FloorSketch = {},
): Floor {
  return {
    rules: { maxPendingReview: Infinity, breakAfter: 0, ...rules },
    ledger: openLedger(limit),
    seats: seats.map((sketch, index) => seatOf(index, { identity, ...partOf(sketch) })),
    lanes: {},
    alarms: undefined,
    deadlines: undefined,
    reviews: 0,
    ...change,
  };
}

/** The floor with all of them waiting. */
export function crowd(floor: Floor, entries: readonly TaskEntry[]): Floor {
  return entries.reduce((before, entry) => enroll(before, entry, AT).floor, floor);
}

export function waiter(id: string, seq: number, change: Partial<TaskEntry> = {}): TaskEntry {
  return { id, seq, priority: 0, ...change };
}

/** The end of an attempt on `slot-0`. */
export function settled(taskId: string, spend: number, evidence: Evidence = ANSWERED): SlotSettled {
  const attempt = { taskId, generation: 0, ...endOf(evidence, spend) };
  return { type: 'slot.settled', slotId: 'slot-0', ...attempt, at: AT, chance: 0.5, ready: true };
}

export function assignments(
  orders: readonly Order[],
): readonly (readonly [taskId: string, slotId: string])[] {
  return orders.flatMap(({ event }) =>
    event.type === 'directory.assign' ? [[event.taskId, event.slotId] as const] : [],
  );
}

export function deliveries(orders: readonly Order[]): readonly (readonly [taskId: string, type: string])[] {
  return orders.flatMap(({ event }) =>
    event.type === 'directory.deliver' ? [[event.taskId, event.event.type] as const] : [],
  );
}

/** Task, code and sentence of each failure. */
export function failures(orders: readonly Order[]): readonly (readonly string[])[] {
  return orders.flatMap(({ event }) =>
    event.type === 'directory.deliver' && event.event.type === 'task.fail'
      ? [[event.taskId, event.event.reason.code, event.event.reason.message]]
      : [],
  );
}

/** The times for which the one timer was set. */
export function alarms(orders: readonly Order[]): readonly number[] {
  return orders.flatMap(({ event }) => (event.type === 'alarm.set' ? [event.at] : []));
}

/** Slots and what they were told. */
export function slotOrders(orders: readonly Order[]): readonly (readonly [slotId: string, type: string])[] {
  return orders.flatMap((order) => {
    const slotId = order.to === 'slot' ? order.slotId : order.to === 'house' ? order.event.slotId : undefined;
    return slotId === undefined ? [] : [[slotId, order.event.type] as const];
  });
}

function seatOf(index: number, change: Partial<Seat>): Seat {
  const seat = {
    slotId: `slot-${index}`,
    identity: {},
    state: 'idle',
    tasks: 0,
    spent: 0,
    reserved: 0,
  } as const;
  const isTaken = change.state === 'busy' || change.state === 'retiring';
  return { ...seat, ...(isTaken && { taskId: `task-slot-${index}` }), ...change };
}

function partOf(sketch: Seat['state'] | Partial<Seat>): Partial<Seat> {
  return typeof sketch === 'string' ? { state: sketch } : sketch;
}
