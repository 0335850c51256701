import { isOver } from '../../machines/chain-shelf.ts';
import type { ChainView, WorkingStep } from '../../machines/chain-shelf.ts';
import { outputOf } from '../../machines/chain-progress.ts';
import type { ChainStep, StepResult } from '../../machines/step-types.ts';
import type { ChainInfo, ChainStepInfo } from '../api.ts';
import { usdOf } from '../money.ts';

/** A chain as the public API shows it. `textOf` gives what a running task has streamed so far. */
export function chainInfoOf(chain: ChainView, textOf: (taskId: string) => string): ChainInfo {
  const { state, context } = chain;
  const { id, results, spend, spendEstimated, submittedAt, startedAt, endedAt } = context;
  const steps = context.groups.flat().map((step) => stepInfoOf(chain, step, textOf));
  const error = results.find((result) => result.error !== undefined)?.error;
  return {
    id,
    state,
    steps,
    working: chain.working.map(({ context: { step } }) => step.name),
    output: isOver(state) ? outputOf(context).output : '',
    spendUsd: usdOf(spend),
    spendEstimated,
    submittedAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(error !== undefined && { error }),
  };
}

function stepInfoOf(
  { context, working }: ChainView,
  { name }: ChainStep,
  textOf: (taskId: string) => string,
): ChainStepInfo {
  const result = context.results.find((ended) => ended.name === name);
  if (result !== undefined) return endedStep(result);
  const step = working.find((open) => open.context.step.name === name);
  if (step === undefined) return { name, state: 'waiting', taskIds: [], ...UNTRIED };
  const taskId = context.openTasks.find(({ place }) => place === step.context.place)?.taskId;
  return workingStep(step, taskId, taskId === undefined ? '' : textOf(taskId));
}

const UNTRIED = {
  output: '',
  attempts: 0,
  retriesUsed: 0,
  recovered: false,
  recoverable: false,
  spendUsd: 0,
  spendEstimated: false,
} as const;

function endedStep({ status, spend, ...result }: StepResult): ChainStepInfo {
  return { ...result, state: status, spendUsd: usdOf(spend) };
}

function workingStep(
  { state, context }: WorkingStep,
  taskId: string | undefined,
  partialText: string,
): ChainStepInfo {
  const { step, at, retriesUsed, spend, spendEstimated } = context;
  const taskIds = taskId === undefined ? context.taskIds : [...context.taskIds, taskId];
  return {
    ...UNTRIED,
    name: step.name,
    state,
    attempts: taskIds.length,
    retriesUsed,
    spendUsd: usdOf(spend),
    spendEstimated,
    taskIds,
    startedAt: at,
    ...(partialText !== '' && { partialText }),
  };
}
