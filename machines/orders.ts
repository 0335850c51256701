import type { Order } from './floor.ts';
import type { TaskEvent, TaskInput, TaskReason } from './task-types.ts';
import type { Timestamp } from './types.ts';

/** Makes a new task known. */
export function admission(input: TaskInput): Order {
  return { to: 'directory', event: { type: 'directory.admit', input } };
}

export function toTask(taskId: string, event: TaskEvent): Order {
  return { to: 'directory', event: { type: 'directory.deliver', taskId, event } };
}

export function failure(taskId: string, reason: TaskReason, at: Timestamp): Order {
  return toTask(taskId, { type: 'task.fail', at, reason });
}

/** Sends a slot home. */
export function home(slotId: string, at: Timestamp): Order {
  return { to: 'slot', slotId, event: { type: 'slot.drain', at } };
}
