import type { ChainView, StepState } from '../machines/chain-shelf.ts';
import type { ChainStep, StepResult } from '../machines/step-types.ts';
import { isOver } from '../machines/chain-shelf.ts';
import type { ChainInfo, ChainStepInfo } from './api.ts';
import { usdOf } from './money.ts';

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
    working: Object.keys(chain.working),
    output: isOver(state) ? lastOutput(results) : '',
    spendUsd: usdOf(spend),
    spendEstimated,
    submittedAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(error !== undefined && { error }),
  };
}

function stepInfoOf(chain: ChainView, step: ChainStep, textOf: (taskId: string) => string): ChainStepInfo {
  const result = chain.context.results.find(({ name }) => name === step.name);
  if (result !== undefined) return endedStep(result);
  return openStep(chain, step, textOf);
}

function endedStep({ status, spend, ...result }: StepResult): ChainStepInfo {
  return { ...result, state: status, spendUsd: usdOf(spend) };
}

function openStep(
  { context, working }: ChainView,
  { name }: ChainStep,
  textOf: (taskId: string) => string,
): ChainStepInfo {
  const state: StepState | 'waiting' = working[name] ?? 'waiting';
  const place = context.groups[context.group]?.findIndex((step) => step.name === name) ?? -1;
  const open = state === 'waiting' ? undefined : context.openTasks.find((task) => task.place === place);
  const partialText = open === undefined ? '' : textOf(open.taskId);
  return {
    name,
    state,
    output: '',
    attempts: open?.attempt ?? 0,
    retriesUsed: 0,
    recovered: false,
    recoverable: false,
    spendUsd: 0,
    spendEstimated: false,
    taskIds: open === undefined ? [] : [open.taskId],
    ...(open !== undefined && { startedAt: open.submittedAt }),
    ...(partialText !== '' && { partialText }),
  };
}

function lastOutput(results: readonly StepResult[]): string {
  return results.findLast(({ status }) => status === 'succeeded')?.output ?? '';
}
