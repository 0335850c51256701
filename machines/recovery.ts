import { alarmOf, entryOf } from './task.ts';
import type { TaskContext, TaskReason } from './task-types.ts';
import { setAlarm } from './alarms.ts';
import type { TaskView } from './directory.ts';
import type { Floor } from './floor.ts';
import { joined } from './lanes.ts';
import type { Micros, Timestamp } from './types.ts';

/** What becomes of an attempt that was cut off with its pool. */
export type RecoveryPolicy = 'resume' | 'retry' | 'fail';

/** What is known of an attempt that was cut off. */
export interface Finding {
  /** Whether Claude had begun to work on the prompt; absent when nobody can tell. */
  readonly began?: boolean | undefined;
  /** The conversation that it was in. */
  readonly sessionId?: string | undefined;
  /** What it had spent; absent when nobody can tell. */
  readonly spend?: Micros | undefined;
}

export interface CutOff {
  readonly finding: Finding;
  readonly policy: RecoveryPolicy;
  /** What was set aside for the attempt. */
  readonly reserved: Micros;
  readonly at: Timestamp;
}

/** A task that ran when its pool was cut off, as it goes on. What cannot be decided is asked for in a review. */
export function recovered({ context }: TaskView, { finding, policy, reserved, at }: CutOff): TaskView {
  const { began, sessionId, spend } = finding;
  if (context.reason?.code === 'CANCELLED') {
    return { state: 'cancelled', context: { ...charged(context, spend ?? reserved), endedAt: at } };
  }
  if (began === false) return { state: 'pending', wait: 'ready', context: { ...context, ...next(context) } };
  const spent = charged(context, spend ?? reserved);
  if (began === undefined) {
    const review = context.options.review ?? { maxRejections: 3 };
    const options = { ...context.options, review };
    return { state: 'pendingReview', context: { ...spent, options, reason: UNDECIDED } };
  }
  if (policy === 'fail') return { state: 'failed', context: { ...spent, reason: CUT_OFF, endedAt: at } };
  const resumption = policy === 'resume' && sessionId !== undefined ? { sessionId } : undefined;
  return { state: 'pending', wait: 'ready', context: { ...spent, resumption } };
}

/** The floor on which everybody waits as before. */
export function reopened(floor: Floor, tasks: readonly TaskView[], at: Timestamp): Floor {
  return tasks.reduce((before, { state, wait, context }) => {
    if (state === 'pendingReview') return { ...before, reviews: before.reviews + 1 };
    if (wait !== 'ready') return setAlarm(before, alarmOf(context)).floor;
    const entry = entryOf(context);
    const giveUpAt = entry.patienceMs === undefined ? undefined : at + entry.patienceMs;
    return joined(before, giveUpAt === undefined ? entry : { ...entry, giveUpAt }).floor;
  }, floor);
}

const CUT_OFF: TaskReason = {
  code: 'TASK_FAILED',
  message: 'The pool was cut off while the task ran, and `recovery` is `fail`.',
};
const UNDECIDED: TaskReason = {
  code: 'TASK_FAILED',
  message:
    'The pool was cut off while the task ran, and nobody can tell whether Claude had begun. Look at its work: approve what is there, or reject it to have it done again.',
};

function charged(context: TaskContext, spend: Micros): TaskContext {
  return {
    ...context,
    ...next(context),
    attempts: context.attempts + 1,
    spend: context.spend + spend,
    spendEstimated: true,
  };
}

/** Fences off what the old attempt could still say. */
function next({ generation }: TaskContext) {
  return { generation: generation + 1 };
}
