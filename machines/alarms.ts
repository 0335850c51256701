import type { Floor, Order, Pause, Step } from './floor.ts';
import { toTask } from './orders.ts';
import type { AlarmCommand } from './port.ts';
import { dequeued, enqueued, head } from './queue.ts';
import type { Queue, QueueEntry } from './queue.ts';
import type { Timestamp } from './types.ts';

export function setAlarm(floor: Floor, entry: QueueEntry): Step {
  return resetAlarm(floor, { ...floor, alarms: enqueued(floor.alarms, entry) });
}

export function dropAlarm(floor: Floor, entry: QueueEntry): Step {
  return resetAlarm(floor, { ...floor, alarms: dequeued(floor.alarms, entry) });
}

/** Wakes all who asked for that time or an earlier one. */
export function ring(floor: Floor, at: Timestamp): Step {
  const due: Order[] = [];
  let alarms = floor.alarms;
  for (let entry = head(alarms); entry !== undefined && -entry.priority <= at; entry = head(alarms)) {
    if (!isPoolAlarm(entry)) due.push(toTask(entry.id, { type: 'task.wake', at }));
    alarms = dequeued(alarms, entry);
  }
  const { floor: after, orders } = resetAlarm(SILENT, { ...floor, alarms });
  return { floor: after, orders: [...due, ...orders] };
}

/** An alarm of the pool itself: `curfew` and `reopening` share one place, as a pool that drains opens no more. */
export function poolAlarm(at: Timestamp): QueueEntry {
  return { id: 'pool', priority: -at, seq: -1 };
}

export function surplusAlarm(at: Timestamp): QueueEntry {
  return { id: 'pool', priority: -at, seq: -2 };
}

export function isPoolAlarm({ seq }: QueueEntry): boolean {
  return seq < 0;
}

/** The step to `after`, with the pool's one timer set anew when the earliest time is another than before. */
export function resetAlarm(before: Clockwork, after: Floor): Step {
  const next = earliest(after);
  if (next === earliest(before)) return { floor: after, orders: [] };
  const event: AlarmCommand = next === Infinity ? { type: 'alarm.clear' } : { type: 'alarm.set', at: next };
  return { floor: after, orders: [{ to: 'alarm', event }] };
}

interface Clockwork {
  readonly alarms: Queue;
  readonly deadlines: Queue;
  readonly pause?: Pause | undefined;
}

/** What a timer is that has just rung. */
const SILENT: Clockwork = { alarms: undefined, deadlines: undefined };

function earliest({ alarms, deadlines, pause }: Clockwork): Timestamp {
  const alarm = -(head(alarms)?.priority ?? -Infinity);
  if (pause?.since !== undefined) return alarm;
  return Math.min(alarm, -(head(deadlines)?.priority ?? -Infinity) + (pause?.total ?? 0));
}
