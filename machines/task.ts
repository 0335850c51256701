import { assign, sendParent, setup } from 'xstate';
import { eventOf } from './event-of.ts';
import { backoffMs, canRetry, DEFAULT_RETRY_POLICY } from './retry.ts';
import type { RetryPolicy } from './retry.ts';
import { capLeft, capSpent } from './task-cap.ts';
import { alarmOf, entryOf } from './task-entry.ts';
import type { AttemptReport, Timestamp } from './types.ts';
import type {
  TaskInput,
  TaskContext,
  TaskReason,
  TaskEvent,
  TaskEnding,
  AttemptEnded,
  TaskNotice,
  TaskOutput,
  Instant,
} from './task-types.ts';

/** How both kinds of waiting for a time end. */
const waking = {
  guard: { type: 'isDue', params: eventOf<Instant> },
  target: 'ready',
  actions: { type: 'joinQueue', params: eventOf<Instant> },
} as const;

/** One unit of work, from its submission to its end. Its id is in its context: the XState id is always `task`. */
export const taskMachine = setup({
  types: {
    context: {} as TaskContext,
    events: {} as TaskEvent,
    input: {} as TaskInput,
    output: {} as TaskOutput,
  },
  actions: {
    begin: assign((_, { slotId, at }: { slotId: string; at: Timestamp }) => ({ slotId, startedAt: at })),
    record: assign(({ context }, attempt: AttemptEnded) => recorded(context, attempt)),
    conclude: assign(({ context }, attempt: AttemptEnded) => ({
      ...recorded(context, attempt),
      endedAt: attempt.at,
    })),
    scheduleRetry: assign(({ context }, { at, chance }: AttemptEnded) => ({
      until: at + backoffMs(retryPolicyOf(context), { attempts: context.attempts, chance }),
    })),
    scheduleReopening: assign((_, { at, parkedUntil = at }: AttemptEnded) => ({ until: parkedUntil })),
    takeFeedback: assign(({ context }, { feedback }: { feedback: string }) => ({
      feedback: [...context.feedback, feedback],
      attempts: 0,
      reason: undefined,
      resumption: undefined,
    })),
    stampEnd: assign((_, { at }: Instant) => ({ endedAt: at })),
    explain: assign((_, { reason }: { reason: TaskReason }) => ({ reason })),
    forgetReason: assign({ reason: undefined }),
    explainRejections: assign(({ context: { feedback } }) => ({ reason: rejection(feedback) })),
    explainSpent: assign(({ context }) => ({ reason: capSpent(context) })),
    dismiss: assign((_, { reason, at }: TaskEnding) => ({ reason, endedAt: at })),
    joinQueue: sendParent(({ context }, { at }: Instant): TaskNotice => ({
      type: 'task.queued',
      entry: entryOf(context),
      at,
    })),
    leaveQueue: sendParent(({ context }, { at }: Instant): TaskNotice => ({
      type: 'task.withdrawn',
      entry: entryOf(context),
      at,
    })),
    setAlarm: sendParent(({ context }, { at }: Instant): TaskNotice => ({
      type: 'task.deferred',
      entry: alarmOf(context),
      at,
    })),
    dropAlarm: sendParent(({ context }, { at }: Instant): TaskNotice => ({
      type: 'task.recalled',
      entry: alarmOf(context),
      at,
    })),
    openReview: sendParent(({ context: { id } }, { at }: Instant): TaskNotice => ({
      type: 'review.opened',
      taskId: id,
      at,
    })),
    closeReview: sendParent(({ context: { id } }, { at }: Instant): TaskNotice => ({
      type: 'review.closed',
      taskId: id,
      at,
    })),
    interruptAttempt: sendParent(
      ({ context: { id, slotId = '', generation } }, { at }: Instant): TaskNotice => ({
        type: 'attempt.cancelled',
        taskId: id,
        slotId,
        generation,
        at,
      }),
    ),
  },
  guards: {
    isStale: ({ context }, { generation }: AttemptEnded) => generation !== context.generation,
    isOk: (_, { verdict }: AttemptEnded) => verdict.ok,
    needsReview: ({ context }, { verdict }: AttemptEnded) =>
      verdict.ok && context.options.review !== undefined,
    isParked: (_, ended: AttemptEnded) => isParked(ended),
    canRetry: ({ context }, ended: AttemptEnded) => hasRetry(context, ended),
    isOutOfBudget: ({ context }, ended: AttemptEnded) =>
      (isParked(ended) || hasRetry(context, ended)) && capLeft(context) <= ended.report.spend,
    isLastRejection: ({ context }) =>
      context.feedback.length + 1 >= (context.options.review?.maxRejections ?? 0),
    isSpent: ({ context }) => capLeft(context) <= 0,
    isDue: ({ context }, { at }: Instant) => at >= (context.until ?? 0),
  },
}).createMachine({
  id: 'task',
  context: ({ input }) => openTask(input),
  output: ({ context: { id, verdict, report, reason } }) => ({
    taskId: id,
    ...(verdict && { verdict }),
    ...(report && { report }),
    ...(reason && { reason }),
  }),
  initial: 'pending',
  states: {
    pending: {
      initial: 'ready',
      on: {
        'task.cancel': {
          target: 'cancelled',
          actions: [
            { type: 'dropAlarm', params: eventOf },
            { type: 'dismiss', params: eventOf },
          ],
        },
        'task.fail': {
          target: 'failed',
          actions: [
            { type: 'dropAlarm', params: eventOf },
            { type: 'dismiss', params: eventOf },
          ],
        },
      },
      states: {
        ready: {
          on: {
            'task.assigned': { target: '#task.running', actions: { type: 'begin', params: eventOf } },
            'task.cancel': {
              target: '#task.cancelled',
              actions: [
                { type: 'leaveQueue', params: eventOf },
                { type: 'dismiss', params: eventOf },
              ],
            },
            'task.fail': {
              target: '#task.failed',
              actions: [
                { type: 'leaveQueue', params: eventOf },
                { type: 'dismiss', params: eventOf },
              ],
            },
          },
        },
        backingOff: {
          entry: { type: 'setAlarm', params: eventOf },
          on: { 'task.wake': waking },
        },
        parked: {
          entry: { type: 'setAlarm', params: eventOf },
          on: { 'task.wake': waking },
        },
      },
    },
    running: {
      initial: 'working',
      states: {
        working: {
          on: {
            'task.cancel': {
              target: 'cancelling',
              actions: [
                { type: 'interruptAttempt', params: eventOf },
                { type: 'explain', params: eventOf },
              ],
            },
            'attempt.ended': [
              { guard: { type: 'isStale', params: eventOf } },
              {
                guard: { type: 'needsReview', params: eventOf },
                target: '#task.pendingReview',
                actions: { type: 'record', params: eventOf },
              },
              {
                guard: { type: 'isOk', params: eventOf },
                target: '#task.completed',
                actions: { type: 'conclude', params: eventOf },
              },
              {
                guard: { type: 'isOutOfBudget', params: eventOf },
                target: '#task.failed',
                actions: [{ type: 'conclude', params: eventOf }, 'explainSpent'],
              },
              {
                guard: { type: 'isParked', params: eventOf },
                target: '#task.pending.parked',
                actions: [
                  { type: 'record', params: eventOf },
                  { type: 'scheduleReopening', params: eventOf },
                ],
              },
              {
                guard: { type: 'canRetry', params: eventOf },
                target: '#task.pending.backingOff',
                actions: [
                  { type: 'record', params: eventOf },
                  { type: 'scheduleRetry', params: eventOf },
                ],
              },
              { target: '#task.failed', actions: { type: 'conclude', params: eventOf } },
            ],
          },
        },
        cancelling: {
          on: {
            'attempt.ended': [
              { guard: { type: 'isStale', params: eventOf } },
              {
                guard: { type: 'needsReview', params: eventOf },
                target: '#task.cancelled',
                actions: { type: 'conclude', params: eventOf },
              },
              {
                guard: { type: 'isOk', params: eventOf },
                target: '#task.completed',
                actions: [{ type: 'conclude', params: eventOf }, 'forgetReason'],
              },
              { target: '#task.cancelled', actions: { type: 'conclude', params: eventOf } },
            ],
          },
        },
      },
    },
    pendingReview: {
      entry: { type: 'openReview', params: eventOf },
      exit: { type: 'closeReview', params: eventOf },
      on: {
        'review.approve': { target: 'completed', actions: { type: 'stampEnd', params: eventOf } },
        'review.reject': [
          {
            guard: 'isLastRejection',
            target: 'failed',
            actions: [
              { type: 'takeFeedback', params: eventOf },
              'explainRejections',
              { type: 'stampEnd', params: eventOf },
            ],
          },
          {
            guard: 'isSpent',
            target: 'failed',
            actions: [
              { type: 'takeFeedback', params: eventOf },
              'explainSpent',
              { type: 'stampEnd', params: eventOf },
            ],
          },
          {
            target: 'pending',
            actions: [
              { type: 'takeFeedback', params: eventOf },
              { type: 'joinQueue', params: eventOf },
            ],
          },
        ],
        'task.cancel': { target: 'cancelled', actions: { type: 'dismiss', params: eventOf } },
      },
    },
    completed: { type: 'final' },
    failed: { type: 'final' },
    cancelled: { type: 'final' },
  },
});

const NO_FEEDBACK: readonly string[] = [];

/** The context of a task that was just submitted. */
export function openTask(input: TaskInput): TaskContext {
  const { id, prompt, options, seq, submittedAt } = input;
  return {
    id,
    prompt,
    options,
    seq,
    submittedAt,
    generation: 0,
    attempts: 0,
    feedback: NO_FEEDBACK,
    spend: 0,
    spendEstimated: false,
  };
}

function rejection(feedback: readonly string[]): TaskReason {
  const list = feedback.map((text, index) => `${index + 1}. ${text}`).join('\n');
  return { code: 'TASK_FAILED', message: `The result was rejected:\n${list}` };
}

function isParked({ verdict, parkedUntil }: AttemptEnded): boolean {
  return verdict.name === 'rateLimited' || (verdict.name === 'auth' && parkedUntil !== undefined);
}

function hasRetry(context: TaskContext, { verdict }: AttemptEnded): boolean {
  return canRetry({ verdict, attempts: context.attempts + 1, policy: retryPolicyOf(context) });
}

function recorded(context: TaskContext, { report, verdict }: AttemptEnded) {
  return {
    generation: context.generation + 1,
    attempts: context.attempts + (verdict.counts ? 1 : 0),
    spend: context.spend + report.spend,
    spendEstimated: context.spendEstimated || report.spendEstimated,
    report: withWork(report, context.report),
    verdict,
    resumption: undefined,
  };
}

/** An attempt that never came to its workspace leaves the work as it was. */
function withWork(report: AttemptReport, before: AttemptReport | undefined): AttemptReport {
  if (report.workspace !== undefined || before?.workspace === undefined) return report;
  return { ...report, workspace: before.workspace };
}

function retryPolicyOf({ options: { retry = DEFAULT_RETRY_POLICY } }: TaskContext): RetryPolicy {
  return retry;
}
