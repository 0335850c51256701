import type { TaskChange } from '../../machines/directory-types.ts';
import { usdOf } from '../money.ts';
import type { EventDraft } from './event-log.ts';

/** The event that a change of a task is; none when its public state is the same as before. */
export function taskEventOf({ task: { state, wait, context }, before }: TaskChange): EventDraft | undefined {
  const name = before === undefined ? 'submitted' : state === 'pending' ? (wait ?? 'ready') : state;
  if (before?.state === state && before.wait === wait) return undefined;
  const { id: taskId, slotId, spend, verdict, reason, until } = context;
  const isBefore = state === 'running' || wait === 'ready';
  const why = isBefore ? undefined : (reason?.message ?? verdict?.reason);
  const isWaiting = wait === 'backingOff' || wait === 'parked';
  return {
    type: `task.${name}`,
    taskId,
    spendUsd: usdOf(spend),
    ...(slotId !== undefined && { slotId }),
    ...(verdict !== undefined && !isBefore && { verdict: verdict.name }),
    ...(why !== undefined && { reason: why }),
    ...(isWaiting && until !== undefined && { until }),
  };
}
