import { capLeft, capSpent } from './task-cap.ts';
import type { TaskContext, TaskEnding, TaskEntry, TaskReason, TaskView } from './task-types.ts';
import { setAlarm } from './alarms.ts';
import type { Floor } from './floor.ts';
import { joined } from './lanes.ts';
import { withDeadline } from './patience.ts';
import type { QueueEntry } from './queue.ts';
import type { Micros, Timestamp } from './types.ts';

/** What becomes of an attempt that was cut off with its pool. */
export type RecoveryPolicy = 'resume' | 'retry' | 'fail';

/** What is known of an attempt that was cut off. */
export interface Finding {
  /** Whether Claude had begun to work on the prompt; absent when nobody can tell. */
  readonly began?: boolean | undefined;
  /** The conversation that it was in. */
  readonly sessionId?: string | undefined;
  /** What it is known to have spent. A request that was open is not in it: nothing spent tells nothing. */
  readonly spend?: Micros | undefined;
}

export interface CutOff {
  readonly finding: Finding;
  readonly policy: RecoveryPolicy;
  /** What was set aside for the attempt. */
  readonly reserved: Micros;
  /** The slots that the pool starts with. @default none that matters */
  readonly slotIds?: readonly string[];
  readonly at: Timestamp;
}

/** A task as it goes on after its pool was cut off, and the end that it comes to at once, if it does. */
export interface Recovered {
  readonly task: TaskView;
  readonly ending?: TaskEnding;
}

/** What becomes of a task that ran when its pool was cut off. What cannot be decided is asked for in a review. */
export function recovered(
  { context }: TaskView,
  { finding, policy, reserved, slotIds = [], at }: CutOff,
): Recovered {
  const { began, sessionId, spend } = finding;
  const spent =
    began === false
      ? fenced(context)
      : charged(context, spend === undefined || spend === 0 ? reserved : spend);
  const cancel = cancelUnderWay(context);
  if (cancel !== undefined)
    return { task: waiting(spent), ending: { type: 'task.cancel', reason: cancel, at } };
  if (began === false) return { task: waiting(spent) };
  if (began === undefined) return { task: { state: 'pendingReview', context: inDoubt(spent) } };
  if (policy === 'fail') return { task: waiting(spent), ending: { type: 'task.fail', reason: CUT_OFF, at } };
  if (capLeft(spent) <= 0)
    return { task: waiting(spent), ending: { type: 'task.fail', reason: capSpent(spent), at } };
  const hasPlace = context.options.workspace !== 'slot' || slotIds.includes(context.slotId ?? '');
  const canResume = policy === 'resume' && sessionId !== undefined && hasPlace;
  return { task: waiting({ ...spent, resumption: canResume ? { sessionId } : undefined }) };
}

/** Who waits for what. */
export interface Waiting {
  /** For a slot. */
  readonly entries: readonly TaskEntry[];
  /** For a time. */
  readonly alarms: readonly QueueEntry[];
  /** How many wait for review. */
  readonly reviews: number;
}

/** The floor on which everybody waits as before. */
export function reopened(floor: Floor, { entries, alarms, reviews }: Waiting, at: Timestamp): Floor {
  const awaited = alarms.reduce((before, alarm) => setAlarm(before, alarm).floor, floor);
  return entries.reduce((before, entry) => joined(before, withDeadline(before, entry, at)).floor, {
    ...awaited,
    reviews: floor.reviews + reviews,
  });
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

/** The caller's, or that of a drain whose time was over. */
function cancelUnderWay({ reason }: TaskContext): TaskReason | undefined {
  return reason?.code === 'CANCELLED' || reason?.code === 'POOL_CLOSED' ? reason : undefined;
}

function waiting(context: TaskContext): TaskView {
  return { state: 'pending', wait: 'ready', context };
}

function inDoubt(context: TaskContext): TaskContext {
  const { options } = context;
  const review = options.review ?? { maxRejections: 3 };
  return { ...context, options: { ...options, review }, reason: UNDECIDED };
}

function charged(context: TaskContext, spend: Micros): TaskContext {
  const { attempts, spend: before } = context;
  return { ...fenced(context), attempts: attempts + 1, spend: before + spend, spendEstimated: true };
}

/** What the old attempt could still say belongs to nobody. */
function fenced(context: TaskContext): TaskContext {
  return { ...context, generation: context.generation + 1 };
}
