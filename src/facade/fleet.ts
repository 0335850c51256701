import { isUsable } from '../../machines/floor.ts';
import type { Pool, SlotStatus } from '../api.ts';
import { PoolError } from '../errors.ts';
import type { FacadeParts } from './facade-parts.ts';
import { assertOpen } from './assert-open.ts';
import { definedOnly } from '../options/defined-only.ts';
import { parseCount, parseIdentity } from '../options/call-arguments.ts';
import { parseSlotFilter } from '../options/filters.ts';
import { slotsOf } from '../views/pool-status.ts';

type Fleet = Pick<Pool, 'configureSlot' | 'findSlots' | 'scaleUp' | 'scaleDown' | 'setTargetSlots'>;

/** The methods that look at slots, name them, and change their number. */
export function fleet({ actor, now, bounds, publish }: FacadeParts): Fleet {
  function size(): number {
    return actor.getSnapshot().context.floor.seats.filter(isUsable).length;
  }

  function scale(slots: number): number {
    assertOpen(actor.getSnapshot());
    const { min, max } = bounds;
    if (slots < min || slots > max) {
      const message = `Expected a number of slots within \`minSlots\` (${min}) and \`maxSlots\` (${max}), got ${slots}.`;
      throw new PoolError('INVALID_OPTIONS', message);
    }
    actor.send({ type: 'pool.scale', slots, at: now() });
    publish({ type: 'pool.scaled', reason: `${slots} slots` });
    return slots;
  }

  return {
    configureSlot(slotId, change) {
      const given = parseIdentity(change);
      assertOpen(actor.getSnapshot());
      const { name, role, description } = findSlot(actor, slotId);
      const identity = { ...definedOnly({ name, role, description }), ...given };
      actor.send({ type: 'slot.configure', slotId, identity, at: now() });
      publish({ type: 'slot.configured', slotId });
      return findSlot(actor, slotId);
    },
    findSlots(filter = {}) {
      const { name, role, state } = parseSlotFilter(filter);
      return slotsOf(actor.getSnapshot()).filter(
        (slot) =>
          (name === undefined || slot.name === name) &&
          (role === undefined || slot.role === role) &&
          (state === undefined || slot.state === state),
      );
    },
    scaleUp: (count) => scale(size() + parseCount('count', count)),
    scaleDown: (count) => scale(size() - parseCount('count', count)),
    setTargetSlots: (count) => scale(parseCount('count', count)),
  };
}

export function findSlot(actor: FacadeParts['actor'], slotId: string): SlotStatus {
  const slots = slotsOf(actor.getSnapshot());
  const slot = slots.find(({ id }) => id === slotId);
  if (slot !== undefined) return slot;
  const known = slots.map(({ id }) => `\`${id}\``).join(', ');
  throw new PoolError('SLOT_NOT_FOUND', `Expected the id of a slot (${known}), got \`${slotId}\`.`);
}
