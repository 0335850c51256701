import { resetAlarm } from './alarms.ts';
import { openLedger } from './budget.ts';
import { openFloor } from './floor.ts';
import type { Floor, FloorRules } from './floor.ts';
import type { PoolContext, PoolInput, RestoredPool } from './pool-types.ts';
import { reopened } from './recovery.ts';

/** What a pool begins with. */
export function openPool(input: PoolInput): PoolContext {
  const {
    slots,
    settings,
    slotPolicy,
    budgetMicros,
    shared = {},
    rules = NO_RULES,
    restored,
    limitBackoffMs = 30_000,
    limitBackoffMaxMs = 900_000,
  } = input;
  const opened = openFloor(slots, { ledger: openLedger(budgetMicros), rules });
  const floor = restored === undefined ? opened : restoredFloor(opened, restored);
  const mail = Object.fromEntries(restored?.slots.map(({ slotId, inbox }) => [slotId, inbox]) ?? []);
  const limit = restored?.limit;
  return {
    settings,
    slotPolicy,
    shared,
    mail,
    limitBackoffMs,
    limitBackoffMaxMs,
    floor,
    ...(limit && { limit }),
  };
}

/** A floor that was restored may have somebody to wake. */
export function firstAlarm(floor: Floor) {
  return resetAlarm({ alarms: undefined, deadlines: undefined }, floor).orders.flatMap((order) =>
    order.to === 'alarm' ? [order] : [],
  );
}

const NO_RULES: FloorRules = { maxPendingReview: Infinity, breakAfter: 0 };

/** The cap is the new pool's; what was spent stays spent, and a slot that is started again is who it was. */
function restoredFloor(floor: Floor, { ledger, slots, waiting, at }: RestoredPool): Floor {
  const { limit: _, ...spent } = ledger;
  const seats = floor.seats.map((seat) => {
    const known = slots.find(({ slotId }) => slotId === seat.slotId);
    if (known === undefined) return seat;
    const identity = { ...known.identity, ...seat.identity };
    return { ...seat, identity, tasks: known.tasks, spent: known.spent };
  });
  return reopened({ ...floor, seats, ledger: { ...floor.ledger, ...spent, reserved: 0 } }, waiting, at);
}
