import type { PoolEvent, TaskInfo } from '../../index.ts';

export interface EventContext {
  readonly taskOf: (taskId: string) => TaskInfo;
  readonly startedAt: number;
}

/** One line about an event; none for the slots' everyday steps, which the tasks' events tell already. */
export function eventLine(event: PoolEvent, { taskOf, startedAt }: EventContext): string | undefined {
  const what = toldOf(event, taskOf);
  if (what === undefined) return undefined;
  const seconds = ((event.at - startedAt) / 1000).toFixed(2).padStart(6);
  const reason = 'reason' in event && isTrouble(event.type) ? `  ${event.reason ?? ''}` : '';
  return `${seconds}s  ${what}${reason}`;
}

function toldOf(event: PoolEvent, taskOf: EventContext['taskOf']): string | undefined {
  if (event.type === 'events.missed' || !event.type.includes('.')) return undefined;
  if ('spendUsd' in event) {
    const title = taskOf(event.taskId).tags[0] ?? event.taskId;
    return `${stateOf(event).padEnd(10)} ${title.padEnd(20)} ${event.slotId ?? ''}`.trimEnd();
  }
  if ('slotId' in event) return isTrouble(event.type) ? `${event.slotId} is ${stateOf(event)}` : undefined;
  return undefined;
}

function stateOf({ type }: PoolEvent): string {
  return type.slice(type.indexOf('.') + 1);
}

function isTrouble(type: PoolEvent['type']): boolean {
  return /\.(?:failed|cancelled|recovering|backingOff|parked)$/.test(type);
}
