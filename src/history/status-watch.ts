import type { SnapshotFrom } from 'xstate';
import type { DirectoryContext } from '../../machines/directory-types.ts';
import type { Seat } from '../../machines/floor.ts';
import type { poolMachine } from '../../machines/pool.ts';
import type { SlotStatus } from '../api.ts';
import type { SlotChange, StatusChange } from '../events.ts';
import { slotSnapshotOf, slotStatusOf, summaryOf } from '../views/pool-status.ts';
import { slotChange, summaryChange } from './status-change.ts';
import type { Summary } from './status-change.ts';

type PoolSnapshot = SnapshotFrom<typeof poolMachine>;

interface SeenSlot {
  readonly seat: Seat;
  readonly slot: ReturnType<typeof slotSnapshotOf>;
  readonly status: SlotStatus;
}

/** Tells what has changed in a pool's status since it was last asked. A slot that has not moved costs a comparison. */
export function statusWatch(): (pool: PoolSnapshot, directory: DirectoryContext) => StatusChange | undefined {
  let lastSummary: Summary | undefined;
  let lastSeats: readonly Seat[] = [];
  const seen = new Map<string, SeenSlot>();

  return (pool, directory) => {
    const { seats } = pool.context.floor;
    const summary = summaryOf(pool, directory);
    const slots = seats.flatMap((seat) => changeOf(pool, seat) ?? []);
    const change = {
      ...summaryChange(lastSummary, summary),
      ...(!isSameOrder(lastSeats, seats) && { slotIds: seats.map(({ slotId }) => slotId) }),
      ...(slots.length > 0 && { slots }),
    };
    lastSummary = summary;
    lastSeats = seats;
    return Object.keys(change).length === 0 ? undefined : change;
  };

  function changeOf(pool: PoolSnapshot, seat: Seat): SlotChange | undefined {
    const last = seen.get(seat.slotId);
    const slot = slotSnapshotOf(pool, seat);
    if (last !== undefined && last.seat === seat && last.slot === slot) return undefined;
    const status = slotStatusOf(seat, slot);
    seen.set(seat.slotId, { seat, slot, status });
    return slotChange(last?.status, status);
  }
}

function isSameOrder(before: readonly Seat[], after: readonly Seat[]): boolean {
  if (before === after) return true;
  return (
    before.length === after.length && before.every(({ slotId }, index) => slotId === after[index]?.slotId)
  );
}
