import type { Actor, ActorRefFrom, AnyActorRef } from 'xstate';
import type { ChainChange, WorkingStep } from '../machines/chain-shelf.ts';
import type { TaskChange } from '../machines/directory-types.ts';
import type { poolMachine } from '../machines/pool.ts';
import type { slotMachine } from '../machines/slot.ts';
import type { EventDraft } from './streams/event-log.ts';
import { usdOf } from './money.ts';
import { budgetOf, lifecycleOf, limitOf, slotStateOf } from './views/pool-status.ts';

type PoolActor = Actor<typeof poolMachine>;
type Publish = (draft: EventDraft) => void;

/** The event that a change of a task is; none when its public state is the same as before. */
export function taskEventOf({ task: { state, wait, context }, before }: TaskChange): EventDraft | undefined {
  const name = before === undefined ? 'submitted' : state === 'pending' ? (wait ?? 'ready') : state;
  if (before?.state === state && before.wait === wait) return undefined;
  const { id: taskId, slotId, spend, verdict, reason, until } = context;
  const isBefore = state === 'running' || wait === 'ready';
  const why = isBefore ? undefined : (reason?.message ?? verdict?.reason);
  const isWaiting = wait === 'backingOff' || wait === 'parked';
  return {
    type: `task.${name}`,
    taskId,
    spendUsd: usdOf(spend),
    ...(slotId !== undefined && { slotId }),
    ...(verdict !== undefined && !isBefore && { verdict: verdict.name }),
    ...(why !== undefined && { reason: why }),
    ...(isWaiting && until !== undefined && { until }),
  };
}

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

/**
 * Publishes each change of state of the pool and of its slots. The observers of an actor hear of its change after all
 * that it leads to: whoever publishes what may follow from a change of the pool calls the result first.
 */
export function watch(actor: PoolActor, publish: Publish): () => void {
  const watched = new WeakSet<AnyActorRef>();
  let children: unknown;
  let last = { lifecycle: '', limit: 'clear', budget: 'within' };

  function publishPool(): void {
    const snapshot = actor.getSnapshot();
    const { limit } = snapshot.context;
    const before = last;
    last = { lifecycle: lifecycleOf(snapshot), limit: limitOf(snapshot), budget: budgetOf(snapshot) };
    if (last.lifecycle !== before.lifecycle) publish({ type: `pool.${lifecycleOf(snapshot)}` });
    if (last.limit !== before.limit) {
      const why =
        last.limit !== 'clear' && limit !== undefined ? { until: limit.until, reason: limit.message } : {};
      publish({ type: `limit.${limitOf(snapshot)}`, ...why });
    }
    if (last.budget !== before.budget) publish({ type: `budget.${budgetOf(snapshot)}` });
  }

  actor.subscribe({
    error: () => undefined,
    next(snapshot) {
      if (snapshot.children !== children) {
        children = snapshot.children;
        watchSlots();
      }
      publishPool();
    },
  });

  function watchSlots(): void {
    const slots = actor.getSnapshot().children;
    for (const slotId of Object.keys(slots).filter(isSlotId)) {
      const slot = slots[slotId];
      if (slot === undefined || watched.has(slot)) continue;
      watched.add(slot);
      watchSlot(slotId, slot);
    }
  }

  function watchSlot(slotId: string, slot: ActorRefFrom<typeof slotMachine>): void {
    let state = '';
    slot.subscribe((snapshot) => {
      const next = slotStateOf(snapshot);
      if (next === state) return;
      state = next;
      const { request, failure, inbox } = snapshot.context;
      publishPool();
      // A pool that drains keeps its mail, or ends with it.
      const isGone = next === 'stopped' && inbox.length > 0 && last.lifecycle === 'open';
      publish({
        type: `slot.${next}`,
        slotId,
        ...(request !== undefined && { taskId: request.taskId }),
        ...(failure !== undefined &&
          (next === 'failed' || next === 'recovering') && { reason: failure.message }),
        ...(isGone && { reason: `Messages not delivered: ${inbox.length}.`, undelivered: inbox }),
      });
    });
  }

  return publishPool;
}

function isSlotId(id: string): id is `slot-${number}` {
  return id.startsWith('slot-');
}
