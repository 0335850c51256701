import type { ChainChange, WorkingStep } from '../../machines/chain-shelf.ts';
import { usdOf } from '../money.ts';
import type { EventDraft } from './event-log.ts';

/** The events that a change of a chain is, in their order. */
export function chainEventsOf({ chain, before }: ChainChange): readonly EventDraft[] {
  const { id: chainId, spend, results } = chain.context;
  const base = { chainId, spendUsd: usdOf(spend) };
  if (before === undefined) return [{ type: 'chain.submitted', ...base }];
  const known = new Set(before.context.results.map(({ name }) => name));
  const ended = results
    .filter(({ name }) => !known.has(name))
    .map(({ name, status, error, reason }) => {
      const why = reason ?? error?.message;
      return {
        type: 'chain.stepEnded',
        ...base,
        step: name,
        status,
        ...(why !== undefined && { reason: why }),
      } as const;
    });
  const moved = chain.working.flatMap(({ state, context: { step, taskIds } }) => {
    if (state === 'cancelling' || before.working.some((other) => isSameTry(other, { step, taskIds })))
      return [];
    return [{ type: STEP_EVENTS[state], ...base, step: step.name } as const];
  });
  const isMoved = chain.state !== before.state && chain.state !== 'pending';
  const own = isMoved ? [{ type: `chain.${chain.state}`, ...base } as const] : [];
  return chain.state === 'running' ? [...own, ...ended, ...moved] : [...ended, ...moved, ...own];
}

function isSameTry(
  { context }: WorkingStep,
  { step, taskIds }: Pick<WorkingStep['context'], 'step' | 'taskIds'>,
): boolean {
  return context.step.name === step.name && context.taskIds.length === taskIds.length;
}

const STEP_EVENTS = {
  running: 'chain.stepStarted',
  retrying: 'chain.stepRetrying',
  recovering: 'chain.stepRecovering',
} as const;
