import type { ChainState, StepState } from '../../machines/chain-shelf.ts';
import type { StepStatus } from '../../machines/step-types.ts';
import type { Timestamp } from '../../machines/types.ts';
import type { ChainLifecycleEvent, PoolEvent } from '../events.ts';

/** A chain as far as its events tell. */
export interface ReplayedChain {
  readonly id: string;
  readonly state: ChainState;
  /** The steps that have begun or ended, by name. */
  readonly steps: Readonly<Record<string, StepState | StepStatus>>;
  readonly spendUsd: number;
  /** When the last thing happened to it. */
  readonly at: Timestamp;
}

export function isChainEvent(event: PoolEvent): event is ChainLifecycleEvent {
  return event.type.startsWith('chain.');
}

/** The chain after one more event. */
export function chainAfter(before: ReplayedChain | undefined, event: ChainLifecycleEvent): ReplayedChain {
  const { chainId: id, type, spendUsd, at } = event;
  const { state = 'pending', steps = {} } = before ?? {};
  return { id, state: STATES[type] ?? state, steps: { ...steps, ...stepAfter(event) }, spendUsd, at };
}

function stepAfter({ type, step, status }: ChainLifecycleEvent): ReplayedChain['steps'] {
  const state = type === 'chain.stepEnded' ? status : STEPS[type];
  return step === undefined || state === undefined ? {} : { [step]: state };
}

const STATES: Readonly<Partial<Record<ChainLifecycleEvent['type'], ChainState>>> = {
  'chain.submitted': 'pending',
  'chain.running': 'running',
  'chain.cancelling': 'cancelling',
  'chain.completed': 'completed',
  'chain.failed': 'failed',
  'chain.cancelled': 'cancelled',
};

const STEPS: Readonly<Partial<Record<ChainLifecycleEvent['type'], StepState>>> = {
  'chain.stepStarted': 'running',
  'chain.stepRetrying': 'retrying',
  'chain.stepRecovering': 'recovering',
};
