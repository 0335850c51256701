import type { PoolStatus, SlotStatus } from '../api.ts';
import type { PoolEvent, SlotChange, StatusChange } from '../events.ts';

/** All of a status but its slots. */
export type Summary = Omit<PoolStatus, 'slots'>;

/** The fields that are other in the second summary. */
export function summaryChange(before: Summary | undefined, after: Summary): StatusChange {
  return difference(before, after);
}

/** The fields that are other in the second status; `undefined` when none is. */
export function slotChange(before: SlotStatus | undefined, after: SlotStatus): SlotChange | undefined {
  const change = difference(before, after);
  return Object.keys(change).length === 0 ? undefined : { ...change, id: after.id };
}

/** The status after one more event. The first of each start tells all of it. */
export function statusAfter(before: PoolStatus, { type, change = {} }: PoolEvent): PoolStatus {
  return changed(type === 'pool.starting' ? NO_STATUS : before, change);
}

function changed(before: PoolStatus, { slotIds, slots = [], ...summary }: StatusChange): PoolStatus {
  const ids = slotIds ?? before.slots.map(({ id }) => id);
  const known = new Map(before.slots.map((slot) => [slot.id, slot]));
  for (const change of slots) known.set(change.id, patched(known.get(change.id) ?? NEW_SLOT, change));
  return { ...patched(before, summary), slots: ids.flatMap((id) => known.get(id) ?? []) };
}

/** Before the first event. */
export const NO_STATUS: PoolStatus = {
  state: 'starting',
  slots: [],
  activeTasks: 0,
  pendingTasks: 0,
  pendingReview: 0,
  completedTasks: 0,
  failedTasks: 0,
  cancelledTasks: 0,
  spendUsd: 0,
  estimatedUsd: 0,
  reservedUsd: 0,
  limit: { state: 'clear' },
};

const NEW_SLOT: SlotStatus = {
  id: '',
  state: 'starting',
  activeTasks: 0,
  tasksCompleted: 0,
  spendUsd: 0,
  messages: 0,
  restarts: 0,
};

function difference(before: object | undefined, after: object): object {
  const old = new Map<string, unknown>(Object.entries(before ?? {}));
  const fresh = Object.entries(after).filter(([key, value]) => !isSame(old.get(key), value));
  const gone = [...old.keys()].filter((key) => !(key in after)).map((key) => [key, null]);
  return Object.fromEntries([...fresh, ...gone]);
}

/** The one value that is no primitive is a small object of primitives, always built in the same order. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other;
  return JSON.stringify(one) === JSON.stringify(other);
}

function patched<Status extends object>(before: Status, change: object): Status {
  const entries = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as Status;
}
