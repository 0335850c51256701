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

/** Asked at every event of a pool: it copies nothing that has not changed. */
function difference(before: object = {}, after: object): object {
  const [old, fresh] = [before as Fields, after as Fields];
  const change: Record<string, unknown> = {};
  for (const key in fresh) if (!isSame(old[key], fresh[key])) change[key] = fresh[key];
  for (const key in old) if (!(key in fresh)) change[key] = null;
  return change;
}

type Fields = Readonly<Record<string, unknown>>;

/** The one value that is no primitive is a small object of primitives. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  return Object.keys(difference(one, other)).length === 0;
}

function patched<Status extends object>(before: Status, change: object): Status {
  const entries = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as Status;
}
