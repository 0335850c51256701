import type { SnapshotFrom } from 'xstate';
import type { DirectoryContext } from '../../machines/directory-types.ts';
import type { poolMachine } from '../../machines/pool.ts';
import { lifecycleOf, slotSnapshotOf } from '../views/pool-status.ts';
import type { KeptPool, KeptSlot } from './kept.ts';

type PoolSnapshot = SnapshotFrom<typeof poolMachine>;

/** Gives the pool's own record, as its actors stand. A slot that a drain has ended is kept as it was. */
export function poolKeeper(): (pool: PoolSnapshot, directory: DirectoryContext) => KeptPool {
  let last: readonly KeptSlot[] = [];

  return (pool, { counts: { completed, failed, cancelled } }) => {
    const { floor, shared, limit } = pool.context;
    const present = presentSlots(pool, last);
    const gone = isClosing(pool) ? last.filter(({ slotId }) => !isAmong(present, slotId)) : [];
    last = [...present, ...gone.map(atRest)];
    return {
      ledger: floor.ledger,
      shared,
      ...(limit && { limit }),
      slots: last,
      counts: { completed, failed, cancelled },
    };
  };
}

function presentSlots(pool: PoolSnapshot, last: readonly KeptSlot[]): readonly KeptSlot[] {
  return pool.context.floor.seats.map((seat) => {
    const { slotId, identity, tasks, spent, reserved, taskId } = seat;
    const known = slotSnapshotOf(pool, seat)?.context ?? last.find((slot) => slot.slotId === slotId);
    return { slotId, identity, tasks, spent, reserved, taskId, inbox: known?.inbox ?? [] };
  });
}

function isClosing(pool: PoolSnapshot): boolean {
  const state = lifecycleOf(pool);
  return state === 'draining' || state === 'drained';
}

function isAmong(slots: readonly KeptSlot[], slotId: string): boolean {
  return slots.some((slot) => slot.slotId === slotId);
}

function atRest(slot: KeptSlot): KeptSlot {
  return { ...slot, reserved: 0, taskId: undefined };
}
