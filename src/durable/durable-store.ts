import type { ChainRecord, ChainView } from '../../machines/chain-shelf.ts';
import type { TaskView } from '../../machines/task-types.ts';
import { entryOf, isPlain } from '../../machines/task-entry.ts';
import type { Store } from '../ports.ts';
import type { ChainSave, DurableStore, TaskSave } from '../store/port.ts';
import type { AttemptTrail, Kept, KeptPool } from './kept.ts';

export interface DurableGround {
  readonly store: DurableStore<Kept>;
  /** Whether the pool has come to work. One that has not leaves everything as it found it. */
  readonly started: Promise<boolean>;
  readonly pool: () => KeptPool;
  readonly chainRecord: (chainId: string) => ChainRecord | undefined;
  readonly trailOf: (taskId: string) => AttemptTrail | undefined;
}

/** Keeps what a pool's journal commits, as records of its store. */
export function durableStore({ store, started, pool, chainRecord, trailOf }: DurableGround): Store {
  function taskSave({ state, wait, context }: TaskView): TaskSave<Kept['task']> {
    const {
      id,
      seq,
      options,
      until,
      slotId,
      submittedAt,
      startedAt = submittedAt,
      endedAt = startedAt,
    } = context;
    const trail = state === 'running' ? trailOf(id) : undefined;
    const isCurrent = trail?.generation === context.generation;
    return {
      id,
      seq,
      state,
      priority: options.priority ?? 0,
      ...(options.tags !== undefined && { tags: options.tags }),
      ...(until !== undefined && { until }),
      ...(options.chain !== undefined && { chainId: options.chain.id }),
      ...(slotId !== undefined && { slotId }),
      ...(wait === 'ready' && isPlain(entryOf(context)) && { isPlain: true }),
      updatedAt: endedAt,
      data: { state, context, ...(wait && { wait }), ...(isCurrent && { trace: trail }) },
    };
  }

  function chainSave(view: ChainView): ChainSave<Kept['chain']> {
    const { state, context } = view;
    const record = chainRecord(context.id);
    return {
      id: context.id,
      seq: context.seq,
      state: state === 'pending' ? 'running' : state,
      data: { view, ...(record && { record }) },
    };
  }

  return {
    async commit({ tasks, chains, events }) {
      // Taken before the first `await`: what changes after it belongs to the next batch, and must not stand in this one.
      const batch = {
        tasks: lastOf(tasks).map(taskSave),
        chains: lastOf(chains).map(chainSave),
        pool: pool(),
        events,
      };
      if (await started) await store.commit(batch);
    },
    close: () => store.close(),
  };
}

/** Of several versions only the last is worth a record. */
function lastOf<View extends { readonly context: { readonly id: string } }>(
  views: readonly View[],
): readonly View[] {
  return [...new Map(views.map((view) => [view.context.id, view])).values()];
}
