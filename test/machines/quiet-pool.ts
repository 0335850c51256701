import { fromTransition } from 'xstate';
import type { ActorRefFrom, AnyActorRef, EventObject } from 'xstate';
import { openLedger } from '../../machines/budget.ts';
import type { ChainInput } from '../../machines/chain-types.ts';
import { poolMachine } from '../../machines/pool.ts';
import type { PoolEvent, PoolInput, RestoredPool } from '../../machines/pool-types.ts';
import { slotMachine } from '../../machines/slot.ts';
import type { TaskInput, TaskOptions } from '../../machines/task-types.ts';
import type { Evidence, Message } from '../../machines/types.ts';
import { silent } from '../../src/testing/model/silent.ts';
import { ANSWERED, endOf as attemptEndOf } from './attempt.ts';
import { POOL_INPUT } from './pool-stage.ts';

export const CAP = 10;
export const LATER = 1_000_000;
export const FAILURE = { code: 'CRASHED', message: 'Killed.' } as const;
export const [one, other] = [taskOf('a', 1), taskOf('b', 2)];
export const mate = taskOf('c', 3, { group: 'team' });
/** Written out, because the default is no number that a record can hold. */
const rules = { maxPendingReview: 99, breakAfter: 0 };
export const small: PoolInput = { ...POOL_INPUT, rules, budgetMicros: CAP };
export const wide: PoolInput = { ...POOL_INPUT, rules, slots: [{}, {}], budgetMicros: 2 * CAP };
export const NOTHING_LEFT: RestoredPool = {
  ledger: openLedger(CAP),
  slots: [],
  waiting: { entries: [], alarms: [], reviews: 0 },
  at: 0,
};
export const limited: PoolInput = {
  ...small,
  restored: {
    ...NOTHING_LEFT,
    limit: { reason: 'rateLimited', message: 'Limit reached.', until: LATER, strikes: 1 },
  },
};
export const chain: ChainInput = {
  id: 'chain-1',
  seq: 9,
  steps: [],
  options: { onFailure: 'abort', session: 'chain' },
  submittedAt: 0,
};
export const submitChain = { type: 'chain.submit', input: chain, at: 0 } as const;
export const cancelChain = { type: 'chain.cancel', chainId: 'chain-1', at: 0 } as const;
export const message: Message = { id: 'message-1', from: 'you', to: 'slot-0', text: 'Mind the gap.', at: 0 };

const notes = fromTransition((heard: readonly EventObject[], event: EventObject) => [...heard, event], []);

/** A pool whose directory and alarm write down what they are told, and say nothing, as its slots do. */
export const quietPool = poolMachine.provide({
  actors: {
    alarm: notes as never,
    directory: notes as never,
    slot: slotMachine.provide({ actors: { session: silent } }),
  },
});

/** All that can be seen of a pool: itself, what it told its parent, and what those below it are or have heard. */
export function endOf(actor: ActorRefFrom<typeof quietPool>, told: readonly EventObject[]) {
  const { status, value, context, children } = actor.getSnapshot();
  const below = Object.entries(children).map(([id, child]) => [id, seenOf(child)]);
  return { status, value, context, told, below: Object.fromEntries(below) };
}

function seenOf(child: AnyActorRef | undefined): unknown {
  const { value, context }: { value?: unknown; context?: unknown } = child?.getSnapshot() ?? {};
  return JSON.parse(JSON.stringify({ value, context }));
}

export function settled(
  slotId: string,
  taskId: string,
  { evidence, spend }: { readonly evidence: Evidence; readonly spend: number },
): PoolEvent {
  const ready = evidence === ANSWERED;
  return {
    type: 'slot.settled',
    slotId,
    taskId,
    generation: 0,
    ...attemptEndOf(evidence, spend),
    at: 0,
    chance: 0,
    ready,
  };
}

export function taskOf(id: string, seq: number, options: TaskOptions = {}): TaskInput {
  return { id, prompt: 'Say hi.', seq, submittedAt: 0, options: { capMicros: CAP, ...options } };
}
