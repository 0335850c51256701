import { streakAfter } from './breaker.ts';
import { bookable, settle } from './budget.ts';
import { andThen, isTaken, seatOf, withSeat } from './floor.ts';
import type { Floor, Order, Seat, Step } from './floor.ts';
import { dismissVain } from './in-vain.ts';
import { home } from './orders.ts';
import type { SlotEvent, SlotFailure, SlotSettled } from './slot-types.ts';
import type { SlotIdentity, Timestamp } from './types.ts';

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

/** A probe is none any more once it is answered. */
export function seatAnswered(floor: Floor, slotId: string): Step {
  return { floor: withSeat(floor, slotId, { isProbe: undefined }), orders: [] };
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

/** A slot gets another name, role or description: its next process knows, and tasks may ask for it, or not any more. */
export function configure(
  floor: Floor,
  {
    slotId,
    identity,
    at,
  }: { readonly slotId: string; readonly identity: SlotIdentity; readonly at: Timestamp },
): Step {
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

export function withoutSeat(floor: Floor, slotId: string): Step {
  return { floor: { ...floor, seats: floor.seats.filter((seat) => seat.slotId !== slotId) }, orders: [] };
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
