import type { PoolEvent, TaskInfo } from '../../index.ts';

export interface EventContext {
  readonly taskOf: (taskId: string) => TaskInfo;
  readonly startedAt: number;
}

/** One line about an event; none for the everyday steps of slots, which the events of tasks tell already. */
export function eventLine(event: PoolEvent, { taskOf, startedAt }: EventContext): string | undefined {
  const subject = subjectOf(event, taskOf);
  if (subject === undefined) return undefined;
  const seconds = `${((event.at - startedAt) / 1000).toFixed(2)}s`.padStart(7);
  const state = event.type.slice(event.type.indexOf('.') + 1).padEnd(10);
  const reason = isTrouble(event) && 'reason' in event ? `  ${event.reason ?? ''}` : '';
  return `${seconds}  ${state} ${subject}${reason}`.trimEnd();
}

function subjectOf(event: PoolEvent, taskOf: EventContext['taskOf']): string | undefined {
  if ('taskId' in event && 'spendUsd' in event) {
    const title = taskOf(event.taskId).tags[0] ?? event.taskId;
    return `${title.padEnd(20)} ${event.slotId ?? ''}`;
  }
  return 'slotId' in event && isTrouble(event) ? event.slotId : undefined;
}

function isTrouble({ type }: PoolEvent): boolean {
  return /\.(?:failed|cancelled|recovering|backingOff|parked)$/.test(type);
}
