import { dropAlarm, ring, setAlarm } from './alarms.ts';
import { andThen } from './floor.ts';
import type { Floor, Order, Step } from './floor.ts';
import { left } from './lanes.ts';
import { parkedUntil } from './limit.ts';
import { toTask } from './orders.ts';
import type { GuestFailed, PoolContext, PoolDrain, PoolEvent, SlotDone } from './pool-types.ts';
import { rescale } from './scaling.ts';
import { admit, countReviews, enroll, expire } from './schedule.ts';
import {
  configure,
  seatAnswered,
  seatFailed,
  seatLost,
  seatReady,
  seatReleased,
  settleAttempt,
  tellSlot,
  voidAssignment,
} from './seats.ts';

/** What the floor keeps its books on. */
export type FloorEvent = Exclude<PoolEvent, PoolDrain | SlotDone | GuestFailed>;

/** What each event changes on the floor, whatever state the pool is in. */
export function booked(context: PoolContext, event: FloorEvent): Step {
  const { floor } = context;
  switch (event.type) {
    case 'task.submit':
      return admit(floor, event.input);
    case 'task.tell':
      return ordered(floor, toTask(event.taskId, event.event));
    case 'chain.submit':
      return ordered(floor, { to: 'directory', event: { type: 'directory.admitChain', input: event.input } });
    case 'chain.cancel':
      return ordered(floor, {
        to: 'directory',
        event: { type: 'directory.tellChain', chainId: event.chainId, event },
      });
    case 'task.queued':
      return enroll(floor, event.entry, event.at);
    case 'task.withdrawn':
      return left(floor, event.entry);
    case 'task.deferred':
      return setAlarm(floor, event.entry);
    case 'task.recalled':
      return dropAlarm(floor, event.entry);
    case 'attempt.cancelled':
      return tellSlot(floor, event.slotId, {
        type: 'slot.interrupt',
        taskId: event.taskId,
        generation: event.generation,
        at: event.at,
      });
    case 'review.opened':
      return countReviews(floor, 1);
    case 'review.closed':
      return countReviews(floor, -1);
    case 'alarm.rang':
      return andThen(ring(floor, event.at), (awake) => expire(awake, event.at));
    case 'assignment.voided':
      return voidAssignment(floor, event.slotId, event.at);
    case 'slot.ready':
      return seatReady(floor, event.slotId);
    case 'slot.released':
      return seatReleased(floor, event.slotId);
    case 'slot.answered':
      return seatAnswered(floor, event.slotId);
    case 'slot.settled':
      return settleAttempt(floor, event, parkedUntil(context, event));
    case 'slot.lost':
      return seatLost(floor, event.slotId);
    case 'slot.failed':
      return seatFailed(floor, event);
    case 'slot.configure':
      return configure(floor, event);
    case 'message.send':
      return tellSlot(floor, event.message.to, {
        type: 'message.received',
        message: event.message,
        at: event.at,
      });
    case 'messages.read':
      return tellSlot(floor, event.slotId, { type: 'messages.read', ids: event.ids, at: event.at });
    case 'pool.scale':
      return rescale(floor, event.slots, event.at);
    default:
      return { floor, orders: [] };
  }
}

function ordered(floor: Floor, order: Order): Step {
  return { floor, orders: [order] };
}
