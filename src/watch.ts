import type { Actor } from 'xstate';
import type { ChainChange } from '../machines/chain-shelf.ts';
import type { TaskChange } from '../machines/directory.ts';
import type { poolMachine } from '../machines/pool.ts';
import type { EventDraft } from './event-log.ts';
import { usdOf } from './money.ts';
import { budgetOf, lifecycleOf, limitOf, slotStateOf } from './pool-status.ts';

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
  const ended = results.slice(before.context.results.length).map(({ name, status, error, reason }) => {
    const why = reason ?? error?.message;
    return {
      type: 'chain.stepEnded',
      ...base,
      step: name,
      status,
      ...(why !== undefined && { reason: why }),
    } as const;
  });
  const moved = Object.entries(chain.working).flatMap(([step, state]) => {
    const isNews = state !== 'cancelling' && before.working[step] !== state;
    return isNews ? [{ type: STEP_EVENTS[state], ...base, step } as const] : [];
  });
  const isMoved = chain.state !== before.state && chain.state !== 'pending';
  const own = isMoved ? [{ type: `chain.${chain.state}`, ...base } as const] : [];
  return chain.state === 'running' ? [...own, ...ended, ...moved] : [...ended, ...moved, ...own];
}

const STEP_EVENTS = {
  running: 'chain.stepStarted',
  retrying: 'chain.stepRetrying',
  recovering: 'chain.stepRecovering',
} as const;

/** Publishes each change of state of the pool and of its slots. */
export function watch(actor: PoolActor, publish: Publish): void {
  const watched = new Map<string, unknown>();
  let children: unknown;
  let last = { lifecycle: '', limit: 'clear', budget: 'within' };

  actor.subscribe({
    error: () => undefined,
    next(snapshot) {
      if (snapshot.children !== children) {
        children = snapshot.children;
        watchSlots();
      }
      const next = { lifecycle: lifecycleOf(snapshot), limit: limitOf(snapshot), budget: budgetOf(snapshot) };
      const { limit } = snapshot.context;
      if (next.lifecycle !== last.lifecycle) publish({ type: `pool.${next.lifecycle}` });
      if (next.limit !== last.limit) {
        const why =
          next.limit !== 'clear' && limit !== undefined ? { until: limit.until, reason: limit.message } : {};
        publish({ type: `limit.${next.limit}`, ...why });
      }
      if (next.budget !== last.budget) publish({ type: `budget.${next.budget}` });
      last = next;
    },
  });

  function watchSlots(): void {
    for (const [id, child] of Object.entries(actor.getSnapshot().children)) {
      if (!id.startsWith('slot-') || child === undefined || watched.get(id) === child) continue;
      watched.set(id, child);
      watchSlot(id as `slot-${number}`);
    }
  }

  function watchSlot(slotId: `slot-${number}`): void {
    const slot = actor.getSnapshot().children[slotId];
    let state = '';
    slot?.subscribe((snapshot) => {
      const next = slotStateOf(snapshot);
      if (next === state) return;
      state = next;
      const { request, failure } = snapshot.context;
      publish({
        type: `slot.${next}`,
        slotId,
        ...(request !== undefined && { taskId: request.taskId }),
        ...(failure !== undefined &&
          (next === 'failed' || next === 'recovering') && { reason: failure.message }),
      });
    });
  }
}
