import { resetAlarm } from './alarms.ts';
import type { Floor, Step } from './floor.ts';
import type { TaskEntry } from './task-types.ts';
import type { Timestamp } from './types.ts';

/** Open time is the clock without the pauses: by it one waits for a slot. */
export function openTime({ pause }: Pick<Floor, 'pause'>, at: Timestamp): number {
  return (pause?.since ?? at) - (pause?.total ?? 0);
}

/** The entry of a task that begins to wait for a slot. */
export function withDeadline(floor: Pick<Floor, 'pause'>, entry: TaskEntry, at: Timestamp): TaskEntry {
  const { patienceMs } = entry;
  return patienceMs === undefined ? entry : { ...entry, giveUpAt: openTime(floor, at) + patienceMs };
}

/** From now on nobody's patience runs out. */
export function paused(floor: Floor, at: Timestamp): Step {
  const { total = 0, since = at } = floor.pause ?? {};
  return resetAlarm(floor, { ...floor, pause: { total, since } });
}

export function resumed(floor: Floor, at: Timestamp): Step {
  const { pause } = floor;
  if (pause?.since === undefined) return { floor, orders: [] };
  return resetAlarm(floor, { ...floor, pause: { total: pause.total + at - pause.since } });
}
