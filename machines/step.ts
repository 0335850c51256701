import { assign, sendParent, setup } from 'xstate';
import { eventOf } from './event-of.ts';
import { outputValues } from './output-values.ts';
import { lackOf, missingValue, unmetCondition } from './step-readiness.ts';
import { renderTemplate } from './template.ts';
import type { Template, TemplateValues } from './template.ts';
import type { Timestamp } from './types.ts';
import type {
  StepContext,
  StepEvent,
  StepFault,
  StepInput,
  StepNotice,
  StepResult,
  StepStatus,
  TaskEnded,
} from './step-types.ts';

/** How a task that tries the step's prompt leads on. */
const settling = [
  {
    guard: { type: 'isCompleted', params: eventOf<TaskEnded> },
    target: 'succeeded',
    actions: { type: 'record', params: eventOf<TaskEnded> },
  },
  {
    guard: { type: 'isCancelled', params: eventOf<TaskEnded> },
    target: 'cancelled',
    actions: { type: 'record', params: eventOf<TaskEnded> },
  },
  {
    guard: { type: 'canRetry', params: eventOf<TaskEnded> },
    target: 'retrying',
    actions: [
      { type: 'record', params: eventOf<TaskEnded> },
      'countRetry',
      { type: 'requestTask', params: eventOf<TaskEnded> },
    ],
  },
  {
    guard: { type: 'canRecover', params: eventOf<TaskEnded> },
    target: 'recovering',
    actions: [
      { type: 'record', params: eventOf<TaskEnded> },
      { type: 'requestRecovery', params: eventOf<TaskEnded> },
    ],
  },
  { target: 'failed', actions: { type: 'record', params: eventOf<TaskEnded> } },
] as const;

/** One step of a chain: the tasks that try it, one at a time. It lives below its chain. */
export const stepMachine = setup({
  types: {
    context: {} as StepContext,
    events: {} as StepEvent,
    input: {} as StepInput,
  },
  actions: {
    record: assign(({ context }, ended: TaskEnded) => recorded(context, ended)),
    countRetry: assign(({ context }) => ({ retriesUsed: context.retriesUsed + 1 })),
    markRecovered: assign({ recovered: true }),
    blame: assign((_, { error }: { error: StepFault }) => ({ error })),
    requestTask: sendParent(({ context }, { at }: { at: Timestamp }) =>
      requestOf(context, context.step.prompt, at),
    ),
    requestRecovery: sendParent(({ context }, { at }: { at: Timestamp }) =>
      requestOf(context, context.step.recoveryPrompt ?? [], at),
    ),
    announce: sendParent(
      ({ context }, { status, at }: { status: StepStatus; at: Timestamp }): StepNotice => ({
        type: 'step.ended',
        place: context.place,
        result: resultOf(context, { status, at }),
        delivered: context.delivered,
        at,
      }),
    ),
  },
  guards: {
    isUnwanted: ({ context }) => unmetCondition(context) !== undefined,
    lacksValue: ({ context }) => missingValue(context) !== undefined,
    isCompleted: (_, { outcome }: TaskEnded) => outcome.status === 'completed',
    isCancelled: (_, { outcome }: TaskEnded) => outcome.status === 'cancelled',
    canRetry: ({ context }, { outcome }: TaskEnded) =>
      mayHelp(outcome.error) && context.retriesUsed < context.step.retries,
    canRecover: ({ context }, { outcome }: TaskEnded) =>
      mayHelp(outcome.error) && context.step.recoveryPrompt !== undefined,
  },
}).createMachine({
  id: 'step',
  context: ({ input }) => ({
    ...input,
    taskIds: [],
    retriesUsed: 0,
    recovered: false,
    spend: 0,
    spendEstimated: false,
    output: '',
    delivered: {},
  }),
  initial: 'opening',
  states: {
    opening: {
      always: [
        {
          guard: 'lacksValue',
          target: 'failed',
          actions: { type: 'blame', params: ({ context }) => ({ error: lackOf(context) }) },
        },
        { guard: 'isUnwanted', target: 'skipped' },
        {
          target: 'running',
          actions: { type: 'requestTask', params: ({ context }) => ({ at: context.at }) },
        },
      ],
    },
    running: {
      on: {
        'task.ended': settling,
        'task.refused': { target: 'failed', actions: { type: 'blame', params: eventOf } },
        'step.cancel': 'cancelling',
      },
    },
    retrying: {
      on: {
        'task.ended': settling,
        'task.refused': { target: 'failed', actions: { type: 'blame', params: eventOf } },
        'step.cancel': 'cancelling',
      },
    },
    recovering: {
      on: {
        'task.ended': [
          {
            guard: { type: 'isCompleted', params: eventOf },
            target: 'succeeded',
            actions: [{ type: 'record', params: eventOf }, 'markRecovered'],
          },
          {
            guard: { type: 'isCancelled', params: eventOf },
            target: 'cancelled',
            actions: { type: 'record', params: eventOf },
          },
          { target: 'failed', actions: { type: 'record', params: eventOf } },
        ],
        'task.refused': { target: 'failed', actions: { type: 'blame', params: eventOf } },
        'step.cancel': 'cancelling',
      },
    },
    cancelling: {
      on: {
        'task.ended': [
          {
            guard: { type: 'isCompleted', params: eventOf },
            target: 'succeeded',
            actions: { type: 'record', params: eventOf },
          },
          { target: 'cancelled', actions: { type: 'record', params: eventOf } },
        ],
        'task.refused': { target: 'cancelled', actions: { type: 'blame', params: eventOf } },
      },
    },
    succeeded: { type: 'final', entry: { type: 'announce', params: endingAs('succeeded') } },
    failed: { type: 'final', entry: { type: 'announce', params: endingAs('failed') } },
    skipped: { type: 'final', entry: { type: 'announce', params: endingAs('skipped') } },
    cancelled: { type: 'final', entry: { type: 'announce', params: endingAs('cancelled') } },
  },
});

/** What another task would only meet again. */
const HOPELESS: ReadonlySet<string> = new Set([
  'VALUE_MISSING',
  'BUDGET_EXCEEDED',
  'NO_SLOTS_AVAILABLE',
  'POOL_CLOSED',
  'CLAUDE_NOT_FOUND',
  'CLAUDE_AUTH',
  'CLAUDE_PROTOCOL',
]);

function mayHelp(error: StepFault | undefined): boolean {
  return error === undefined || !HOPELESS.has(error.code);
}

function recorded(context: StepContext, { taskId, outcome }: TaskEnded) {
  const isCompleted = outcome.status === 'completed';
  return {
    taskIds: [...context.taskIds, taskId],
    spend: context.spend + outcome.spend,
    spendEstimated: context.spendEstimated || outcome.spendEstimated,
    output: outcome.output,
    delivered: isCompleted ? outputValues(context.step.outputs ?? {}, outcome) : context.delivered,
    error: isCompleted ? undefined : (outcome.error ?? UNEXPLAINED),
  };
}

const UNEXPLAINED: StepFault = { code: 'TASK_FAILED', message: 'The task gave no reason.' };

function requestOf(context: StepContext, template: Template, at: Timestamp): StepNotice {
  const rendered = renderTemplate(template, valuesOf(context));
  return {
    type: 'step.taskRequested',
    place: context.place,
    prompt: 'text' in rendered ? rendered.text : '',
    attempt: context.taskIds.length + 1,
    at,
  };
}

function valuesOf({ values, error }: StepContext): TemplateValues {
  return error === undefined ? values : { ...values, error: error.message };
}

function resultOf(
  context: StepContext,
  { status, at }: { readonly status: StepStatus; readonly at: Timestamp },
): StepResult {
  const { step, taskIds, retriesUsed, recovered, spend, spendEstimated, output, error } = context;
  const reason = status === 'skipped' ? unmetCondition(context) : undefined;
  return {
    name: step.name,
    status,
    output,
    attempts: taskIds.length,
    retriesUsed,
    recovered,
    recoverable: status === 'failed' && mayHelp(error),
    spend,
    spendEstimated,
    ...(taskIds.length > 0 && { startedAt: context.at }),
    endedAt: at,
    taskIds,
    ...(error !== undefined && { error }),
    ...(reason !== undefined && { reason }),
  };
}

/** The entry of a final state may come without an event of its own: then the step ends as it starts. */
function endingAs(status: StepStatus) {
  return ({ context, event }: { readonly context: StepContext; readonly event: StepEvent }) => ({
    status,
    at: 'at' in event ? event.at : context.at,
  });
}
