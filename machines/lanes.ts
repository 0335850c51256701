import type { Deadline, Floor, Step } from './floor.ts';
import { resetAlarm } from './alarms.ts';
import { dequeued, enqueued, inOrder, lookup } from './queue.ts';
import type { TaskEntry } from './task-types.ts';

/** The floor on which the task waits in its lane. */
export function joined(floor: Floor, entry: TaskEntry): Step {
  const lane = laneOf(entry);
  const lanes = { ...floor.lanes, [lane]: enqueued(floor.lanes[lane], entry) };
  const after = { ...floor, lanes };
  if (entry.giveUpAt === undefined) return { floor: after, orders: [] };
  const deadlines = enqueued(after.deadlines, deadlineOf(entry, entry.giveUpAt));
  return resetAlarm(floor, { ...after, deadlines });
}

/** The floor on which the task does not wait any more. */
export function left(floor: Floor, entry: TaskEntry): Step {
  const lane = laneOf(entry);
  const queue = floor.lanes[lane];
  const after = { ...floor, lanes: withLane(floor.lanes, lane, dequeued(queue, entry)) };
  if (floor.deadlines === undefined) return { floor: after, orders: [] };
  const giveUpAt = lookup(queue, entry)?.giveUpAt;
  if (giveUpAt === undefined) return { floor: after, orders: [] };
  const deadlines = dequeued(after.deadlines, deadlineOf(entry, giveUpAt));
  return resetAlarm(floor, { ...after, deadlines });
}

/** All who wait for a slot, in the order of their lanes. */
export function waiting({ lanes }: Pick<Floor, 'lanes'>): readonly TaskEntry[] {
  return Object.values(lanes).flatMap((lane) => [...inOrder(lane)]);
}

export function laneOf({ slot, resume }: TaskEntry): string {
  if (slot === undefined && resume === undefined) return ANY_LANE;
  return JSON.stringify([slot, resume]);
}

export const ANY_LANE = 'any';

function withLane(lanes: Floor['lanes'], lane: string, queue: Floor['lanes'][string]): Floor['lanes'] {
  if (queue !== undefined) return { ...lanes, [lane]: queue };
  const { [lane]: _, ...others } = lanes;
  return others;
}

function deadlineOf(entry: TaskEntry, giveUpAt: number): Deadline {
  return { id: entry.id, seq: entry.seq, priority: -giveUpAt, entry };
}
