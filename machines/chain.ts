import { assign, enqueueActions, sendParent, setup } from 'xstate';
import {
  allResults,
  currentGroup,
  openChain,
  outputOf,
  stepInputs,
  withResult,
  workingSteps,
} from './chain-progress.ts';
import type { ChainContext, ChainEvent, ChainInput, ChainNotice, ChainOutput } from './chain-types.ts';
import { eventOf } from './event-of.ts';
import { stepMachine } from './step.ts';
import { capFor, spentFault, stepTask } from './step-task.ts';
import type { StepEnded, StepFault, StepResult, StepTaskRequested, TaskEnded } from './step-types.ts';
import type { Timestamp } from './types.ts';

/** Ordered steps, each with tasks of its own. Its id is in its context: the XState id is always `chain`. */
export const chainMachine = setup({
  types: {
    context: {} as ChainContext,
    events: {} as ChainEvent,
    input: {} as ChainInput,
    output: {} as ChainOutput,
  },
  actors: { step: stepMachine },
  actions: {
    startGroup: enqueueActions(({ context, enqueue }, { group, at }: { group: number; at: Timestamp }) => {
      enqueue.assign({ group, startedAt: context.startedAt ?? at });
      for (const input of stepInputs({ ...context, group }, at)) {
        enqueue.spawnChild('step', { id: `step-${input.place}`, input });
      }
    }),
    submitTask: enqueueActions(({ context, enqueue }, request: StepTaskRequested) => {
      const input = stepTask(context, request);
      if (input === undefined) return;
      const { id: taskId, options, submittedAt } = input;
      const { place, attempt, at } = request;
      const { capMicros } = options;
      const opened = { taskId, place, attempt, submittedAt, ...(capMicros !== undefined && { capMicros }) };
      const notice: ChainNotice = { type: 'chain.taskSubmitted', chainId: context.id, input, at };
      enqueue.assign({ submitted: context.submitted + 1, openTasks: [...context.openTasks, opened] });
      enqueue(sendParent(notice));
    }),
    refuseTask: enqueueActions(
      ({ enqueue }, { place, error, at }: { place: number; error: StepFault; at: Timestamp }) => {
        enqueue.sendTo(`step-${place}`, { type: 'task.refused', error, at });
      },
    ),
    settleTask: enqueueActions(({ context, enqueue }, ended: TaskEnded) => {
      const { taskId, outcome } = ended;
      const place = context.openTasks.find((open) => open.taskId === taskId)?.place;
      enqueue.assign({
        openTasks: context.openTasks.filter((open) => open.taskId !== taskId),
        spend: context.spend + outcome.spend,
        spendEstimated: context.spendEstimated || outcome.spendEstimated,
      });
      enqueue.sendTo(`step-${place}`, ended);
    }),
    recordStep: enqueueActions(({ context, enqueue }, ended: StepEnded) => {
      enqueue.assign(withResult(context, ended));
      enqueue.stopChild(`step-${ended.place}`);
    }),
    cancelTasks: enqueueActions(({ context, enqueue }, { at }: { at: Timestamp }) => {
      for (const { taskId } of context.openTasks) {
        const notice: ChainNotice = { type: 'chain.taskCancelled', chainId: context.id, taskId, at };
        enqueue(sendParent(notice));
      }
      for (const step of workingSteps(context)) {
        enqueue.sendTo(`step-${currentGroup(context).indexOf(step)}`, { type: 'step.cancel', at });
      }
    }),
    conclude: assign(({ context }, { at, reason = '' }: { at: Timestamp; reason?: string }) => ({
      results: allResults(context, reason),
      endedAt: at,
    })),
  },
  guards: {
    hasSteps: ({ context }) => context.groups.length > 0,
    canAfford: ({ context }, { place }: StepTaskRequested) => {
      const step = currentGroup(context)[place];
      return step !== undefined && (capFor(context, step) ?? 1) > 0;
    },
    isOpen: ({ context }, { taskId }: TaskEnded) => context.openTasks.some((open) => open.taskId === taskId),
    isAwaited: ({ context }) => workingSteps(context).length > 1,
    mustAbort: ({ context }, ended: StepEnded) =>
      context.options.onFailure === 'abort' && hasFailed(withResult(context, ended)),
    isShutOut: ({ context }, ended: StepEnded) =>
      currentResults(withResult(context, ended)).some(({ error }) => error?.code === 'POOL_CLOSED'),
    isLast: ({ context }) => context.group === context.groups.length - 1,
  },
}).createMachine({
  id: 'chain',
  context: ({ input }) => openChain(input),
  output: ({ context }) => outputOf(context),
  initial: 'pending',
  states: {
    pending: {
      on: {
        'chain.start': [
          {
            guard: 'hasSteps',
            target: 'running',
            actions: { type: 'startGroup', params: ({ event }) => ({ group: 0, at: event.at }) },
          },
          { target: 'completed', actions: { type: 'conclude', params: eventOf } },
        ],
        'chain.cancel': { target: 'cancelled', actions: { type: 'conclude', params: cancelledAt } },
      },
    },
    running: {
      initial: 'working',
      on: {
        'task.ended': {
          guard: { type: 'isOpen', params: eventOf },
          actions: { type: 'settleTask', params: eventOf },
        },
      },
      states: {
        working: {
          on: {
            'step.taskRequested': [
              {
                guard: { type: 'canAfford', params: eventOf },
                actions: { type: 'submitTask', params: eventOf },
              },
              {
                actions: {
                  type: 'refuseTask',
                  params: ({ context, event }) => ({ ...event, error: spentFault(context) }),
                },
              },
            ],
            'step.ended': [
              { guard: 'isAwaited', actions: { type: 'recordStep', params: eventOf } },
              {
                guard: { type: 'isShutOut', params: eventOf },
                target: '#chain.cancelled',
                actions: [
                  { type: 'recordStep', params: eventOf },
                  { type: 'conclude', params: ({ event }) => ({ at: event.at, reason: SHUT_OUT }) },
                ],
              },
              {
                guard: { type: 'mustAbort', params: eventOf },
                target: '#chain.failed',
                actions: [
                  { type: 'recordStep', params: eventOf },
                  { type: 'conclude', params: ({ event }) => ({ at: event.at, reason: ABORTED }) },
                ],
              },
              {
                guard: 'isLast',
                target: '#chain.completed',
                actions: [
                  { type: 'recordStep', params: eventOf },
                  { type: 'conclude', params: eventOf },
                ],
              },
              {
                actions: [
                  { type: 'recordStep', params: eventOf },
                  {
                    type: 'startGroup',
                    params: ({ context, event }) => ({ group: context.group + 1, at: event.at }),
                  },
                ],
              },
            ],
            'chain.cancel': { target: 'cancelling', actions: { type: 'cancelTasks', params: eventOf } },
          },
        },
        cancelling: {
          on: {
            'step.taskRequested': {
              actions: { type: 'refuseTask', params: ({ event }) => ({ ...event, error: CANCELLED }) },
            },
            'step.ended': [
              { guard: 'isAwaited', actions: { type: 'recordStep', params: eventOf } },
              {
                target: '#chain.cancelled',
                actions: [
                  { type: 'recordStep', params: eventOf },
                  { type: 'conclude', params: cancelledAt },
                ],
              },
            ],
          },
        },
      },
    },
    completed: { type: 'final' },
    failed: { type: 'final' },
    cancelled: { type: 'final' },
  },
});

const ABORTED = 'A step before it failed.';
const SHUT_OUT = 'The pool was drained before the step could start.';
const CANCELLED: StepFault = { code: 'CANCELLED', message: 'The chain was cancelled.' };

function cancelledAt({ event }: { readonly event: { readonly at: Timestamp } }) {
  return { at: event.at, reason: CANCELLED.message };
}

/** A step whose task somebody cancelled has not done its work either. */
function hasFailed(context: ChainContext): boolean {
  return currentResults(context).some(({ status }) => status === 'failed' || status === 'cancelled');
}

function currentResults(context: ChainContext): readonly StepResult[] {
  const names = new Set(currentGroup(context).map(({ name }) => name));
  return context.results.filter(({ name }) => names.has(name));
}
