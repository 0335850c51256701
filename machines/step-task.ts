import { currentGroup, workingSteps } from './chain-progress.ts';
import type { ChainContext } from './chain-types.ts';
import type { ChainStep, StepFault, StepTaskRequested } from './step-types.ts';
import type { TaskInput, TaskOptions } from './task-types.ts';
import { MICROS_PER_USD } from './types.ts';
import type { Micros, SessionPolicy } from './types.ts';

/** The task that a step asks for, ready to be submitted. */
export function stepTask(context: ChainContext, request: StepTaskRequested): TaskInput | undefined {
  const step = currentGroup(context)[request.place];
  if (step === undefined) return undefined;
  const { id, seq, submitted } = context;
  const count = submitted + 1;
  return {
    id: `${id}-${count}`,
    prompt: request.prompt,
    options: optionsOf(context, step, request),
    seq: seq + count / 1e6,
    submittedAt: request.at,
  };
}

/** What the chain's cap leaves for the task; steps that wait beside it get as much. */
export function capFor(context: ChainContext, { options }: ChainStep): Micros | undefined {
  if (context.options.capMicros === undefined) return options.capMicros;
  const reserved = context.openTasks.reduce((sum, { capMicros = 0 }) => sum + capMicros, 0);
  const left = context.options.capMicros - context.spend - reserved;
  const waiting = workingSteps(context).length - context.openTasks.length;
  return Math.min(options.capMicros ?? Infinity, Math.floor(left / Math.max(1, waiting)));
}

export function spentFault({ options, spend }: ChainContext): StepFault {
  const { capMicros = 0 } = options;
  return {
    code: 'BUDGET_EXCEEDED',
    message:
      `Expected the chain's cap of ${capMicros / MICROS_PER_USD} USD to leave something for the next task, ` +
      `got ${spend / MICROS_PER_USD} USD spent. Raise the cap of the chain.`,
  };
}

function optionsOf(context: ChainContext, step: ChainStep, request: StepTaskRequested): TaskOptions {
  const { id, options } = context;
  const tags = [...new Set([...(options.tags ?? []), ...(step.options.tags ?? [])])];
  const capMicros = capFor(context, step);
  return {
    ...step.options,
    ...(tags.length > 0 && { tags }),
    ...(capMicros !== undefined && { capMicros }),
    ...(options.session === 'chain' && { group: id }),
    session: step.options.session ?? sessionFor(context, request),
    chain: { id, step: step.name },
  };
}

/** Only a first try can go on where one step left off: a failure and a group leave no conversation to go on with. */
function sessionFor({ options, groups, group }: ChainContext, { attempt }: StepTaskRequested): SessionPolicy {
  const isAlone = groups[group]?.length === 1 && groups[group - 1]?.length === 1;
  return options.session === 'chain' && isAlone && attempt === 1 ? 'resume' : 'fresh';
}
