import type { Actor, ActorRefFrom, AnyActorRef } from 'xstate';
import type { poolMachine } from '../../machines/pool.ts';
import type { slotMachine } from '../../machines/slot.ts';
import { budgetOf, lifecycleOf, limitOf, slotStateOf } from '../views/pool-status.ts';
import type { EventDraft } from './event-log.ts';

type PoolActor = Actor<typeof poolMachine>;
type Publish = (draft: EventDraft) => void;

/**
 * Publishes each change of state of the pool and of its slots. The observers of an actor hear of its change after all
 * that it leads to: whoever publishes what may follow from a change of the pool calls the result first.
 */
export function watchPool(actor: PoolActor, publish: Publish): () => void {
  const watched = new WeakSet<AnyActorRef>();
  let children: unknown;
  let last = { lifecycle: '', limit: 'clear', budget: 'within' };

  function publishPool(): void {
    const snapshot = actor.getSnapshot();
    const { limit } = snapshot.context;
    const before = last;
    const next = { lifecycle: lifecycleOf(snapshot), limit: limitOf(snapshot), budget: budgetOf(snapshot) };
    last = next;
    if (next.lifecycle !== before.lifecycle) publish({ type: `pool.${next.lifecycle}` });
    if (next.limit !== before.limit) {
      const why =
        next.limit !== 'clear' && limit !== undefined ? { until: limit.until, reason: limit.message } : {};
      publish({ type: `limit.${next.limit}`, ...why });
    }
    if (next.budget !== before.budget) publish({ type: `budget.${next.budget}` });
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
