import { dropAlarm, setAlarm, surplusAlarm } from './alarms.ts';
import { andThen, isTaken, isUsable, newSeat, seatOf } from './floor.ts';
import type { Autoscale, Floor, Order, Seat, Step } from './floor.ts';
import { dismissVain } from './in-vain.ts';
import { home } from './orders.ts';
import { inOrder } from './queue.ts';
import type { Timestamp } from './types.ts';

/** As `scale`, on a caller's word: slots that have failed make room, and new ones are who they were. */
export function rescale(floor: Floor, target: number, at: Timestamp): Step {
  const failed = floor.seats.filter(({ state, taskId }) => state === 'failed' && taskId === undefined);
  const cleared = failed.reduce((step: Step, seat) => andThen(step, (before) => retire(before, seat, at)), {
    floor,
    orders: [],
  });
  const missing = target - floor.seats.filter(isUsable).length;
  if (missing <= 0) return andThen(cleared, (before) => scale(before, target, at));
  const predecessors = failed.toSorted((left, right) => reluctance(right) - reluctance(left));
  return andThen(cleared, (before) => grow(before, missing, predecessors));
}

/** The step to so many usable slots: new ones are started; of too many the idle ones go first, busy ones finish. */
function scale(floor: Floor, target: number, at: Timestamp): Step {
  const usable = floor.seats.filter(isUsable);
  if (target > usable.length) return grow(floor, target - usable.length);
  const goers = usable.toSorted((left, right) => reluctance(left) - reluctance(right));
  return goers
    .slice(0, usable.length - target)
    .reduce((step: Step, seat) => andThen(step, (before) => retire(before, seat, at)), { floor, orders: [] });
}

/** Follows the work: grows at once, shrinks after there has been too little of it for a while. */
export function autoscale(floor: Floor, at: Timestamp): Step {
  const { autoscale: bounds } = floor.rules;
  if (bounds === undefined) return { floor, orders: [] };
  const size = floor.seats.filter(isUsable).length;
  const wanted = wantedSlots(floor, bounds);
  if (wanted >= size) return andThen(withoutSurplus(floor, bounds), (busy) => scale(busy, wanted, at));
  if (floor.surplusSince === undefined) {
    return setAlarm({ ...floor, surplusSince: at }, surplusAlarm(at + bounds.idleMs));
  }
  if (at < floor.surplusSince + bounds.idleMs) return { floor, orders: [] };
  return andThen(withoutSurplus(floor, bounds), (calm) => scale(calm, wanted, at));
}

function grow(floor: Floor, count: number, predecessors: readonly Seat[] = []): Step {
  const seats = [...floor.seats];
  const orders: Order[] = [];
  for (let started = 0; started < count; started += 1) {
    const slotId = freeId(seats);
    const { identity = {}, capMicros, spent = 0 } = predecessors[started] ?? {};
    seats.push({ ...newSeat(slotId), identity, capMicros, spent });
    orders.push({ to: 'house', event: { type: 'slot.open', slotId, identity } });
  }
  return { floor: { ...floor, seats }, orders };
}

/** Ids are used again, because each new one stays in the memory of the actor system. */
function freeId(seats: readonly Seat[]): string {
  let index = 0;
  while (seatOf({ seats }, `slot-${index}`) !== undefined) index += 1;
  return `slot-${index}`;
}

function retire(floor: Floor, seat: Seat, at: Timestamp): Step {
  const isBusy = isTaken(seat);
  const gone: Seat = { ...seat, state: isBusy ? 'retiring' : 'leaving' };
  const seats = floor.seats.map((each) => (each.slotId === seat.slotId ? gone : each));
  const orders = isBusy ? [] : [home(seat.slotId, at)];
  return andThen({ floor: { ...floor, seats }, orders }, (after) => dismissVain(after, gone, at));
}

/** Slots that work, hold a conversation or have an identity go last. */
function reluctance({ state, identity, conversation, tasks }: Seat): number {
  const base = isTaken({ state } as Seat) ? 8 : state === 'away' ? 0 : 2;
  return (
    base + (Object.keys(identity).length > 0 ? 4 : 0) + (conversation === undefined ? 0 : 1) + tasks / 1e9
  );
}

/** A failed slot keeps its place within the bounds; the last that works stays, however many have failed. */
function wantedSlots(floor: Floor, { min, max }: Autoscale): number {
  const failed = floor.seats.filter(({ state }) => state === 'failed').length;
  const least = Math.max(min - failed, floor.seats.some(isUsable) ? 1 : 0);
  return Math.max(least, Math.min(max - failed, workOf(floor, max)));
}

/** Tasks that run and tasks that wait, counted up to a limit. */
function workOf(floor: Floor, limit: number): number {
  let work = floor.seats.filter((seat) => isUsable(seat) && isTaken(seat)).length;
  for (const lane of Object.values(floor.lanes)) {
    for (const _ of inOrder(lane)) {
      if (work >= limit) return limit;
      work += 1;
    }
  }
  return work;
}

function withoutSurplus(floor: Floor, { idleMs }: Autoscale): Step {
  if (floor.surplusSince === undefined) return { floor, orders: [] };
  return dropAlarm({ ...floor, surplusSince: undefined }, surplusAlarm(floor.surplusSince + idleMs));
}
