import { isPoolAlarm, poolAlarm, resetAlarm, setAlarm } from './alarms.ts';
import { andThen } from './floor.ts';
import type { Floor, Order, Seat, Step } from './floor.ts';
import { waiting } from './lanes.ts';
import { admission, home, toTask } from './orders.ts';
import type { PoolDrain } from './pool-types.ts';
import { inOrder } from './queue.ts';
import type { TaskInput, TaskReason } from './task-types.ts';
import type { Timestamp } from './types.ts';

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

/** What a draining pool does with whatever comes up: who waits is cancelled, who is not busy goes home. */
export function dismiss(floor: Floor, at: Timestamp): Step {
  const waits = [...waiting(floor), ...[...inOrder(floor.alarms)].filter((entry) => !isPoolAlarm(entry))];
  const cancelled = { floor: { ...floor, lanes: {} }, orders: waits.map(({ id }) => cancel(id, at)) };
  return andThen(cancelled, (empty) => sendHome(empty, at));
}

const POOL_CLOSED: TaskReason = {
  code: 'POOL_CLOSED',
  message: 'The pool was drained before the task could end.',
};

/** Who is not busy goes home. */
function sendHome(floor: Floor, at: Timestamp): Step {
  const goers = floor.seats.filter(({ state, taskId }) => taskId === undefined && state !== 'leaving');
  const seats = floor.seats.map((seat): Seat =>
    goers.includes(seat) ? { ...seat, state: 'leaving' } : seat,
  );
  return { floor: { ...floor, seats }, orders: goers.map(({ slotId }) => home(slotId, at)) };
}

function cancel(taskId: string, at: Timestamp): Order {
  return toTask(taskId, { type: 'task.cancel', at, reason: POOL_CLOSED });
}
