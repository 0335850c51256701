import { isEnded, viewOf } from '../../machines/task-record.ts';
import type { Entry } from '../../machines/task-record.ts';
import type { TaskView } from '../../machines/task-types.ts';
import type { TaskFilter } from '../api.ts';
import type { Kept } from '../durable/kept.ts';
import type { StoreView } from '../store/port.ts';

const DEFAULT_LIMIT = 100;

/** Tasks in memory, in the order of their submission. */
export function tasksIn(entries: Iterable<Entry>, filter: TaskFilter): readonly TaskView[] {
  const { limit = DEFAULT_LIMIT } = filter;
  const found: TaskView[] = [];
  for (const entry of entries) {
    if (found.length >= limit) break;
    const task = viewOf(entry);
    if (isAsked(task, filter)) found.push(task);
  }
  return found;
}

/** Tasks in a store as they are now: first those that have not ended, as they run; then the others, the last end first. */
export function tasksKept(
  { archive, unsaved }: { readonly archive: StoreView<Kept>; readonly unsaved: readonly TaskView[] },
  filter: TaskFilter,
): readonly TaskView[] {
  const { limit = DEFAULT_LIMIT, slot, ...query } = filter;
  const changed = new Map(unsaved.map((task) => [task.context.id, task]));
  const saved = archive
    .tasks({ ...query, ...(slot !== undefined && { slotId: slot }), limit: limit + changed.size })
    .flatMap(({ id, data }) => (changed.has(id) ? [] : [data]));
  const fresh = [...changed.values()].filter((task) => isAsked(task, filter)).toReversed();
  const all = [...fresh, ...saved];
  const live = all.filter(({ state }) => !isEnded(state)).toSorted(byTurn);
  return [...live, ...all.filter(({ state }) => isEnded(state))].slice(0, limit);
}

function isAsked({ state, context }: TaskView, filter: TaskFilter): boolean {
  const { options, slotId } = context;
  return (
    (filter.state === undefined || state === filter.state) &&
    (filter.tag === undefined || options.tags?.includes(filter.tag) === true) &&
    (filter.slot === undefined || slotId === filter.slot)
  );
}

function byTurn({ context: one }: TaskView, { context: other }: TaskView): number {
  return (other.options.priority ?? 0) - (one.options.priority ?? 0) || one.seq - other.seq;
}
