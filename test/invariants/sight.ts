import type { Pool, PoolStatus } from 'claude-pool';
import { viewOf } from '../../machines/directory.ts';
import type { DirectoryContext, TaskState, TaskView } from '../../machines/directory.ts';
import type { Floor } from '../../machines/floor.ts';
import type { EventHistory } from './event-history.ts';

/** All that the invariants are read from, in a moment in which no actor is in the middle of an event. */
export interface Sight {
  readonly at: number;
  /** By how much a time may pass before it counts as missed: the host may be busy. */
  readonly lateMs: number;
  readonly status: PoolStatus;
  readonly floor: Floor;
  readonly slots: readonly SlotSight[];
  readonly tasks: ReadonlyMap<string, TaskView>;
  readonly counts: Readonly<Record<TaskState, number>>;
  readonly history: EventHistory;
}

export interface SlotSight {
  readonly slotId: string;
  readonly state: string;
  /** The task that it was given. */
  readonly taskId?: string | undefined;
  readonly pid?: number | undefined;
  readonly sessionId?: string | undefined;
}

export function sightOf(
  pool: Pool,
  {
    directory,
    ...known
  }: { readonly directory: DirectoryContext; readonly history: EventHistory; readonly lateMs: number },
): Sight {
  const snapshot = pool.actor.getSnapshot();
  const slots = Object.entries(snapshot.children).flatMap(([slotId, child]): SlotSight[] => {
    if (!slotId.startsWith('slot-') || child === undefined) return [];
    const { value, context } = snapshot.children[slotId as 'slot-0']?.getSnapshot() ?? {};
    if (value === undefined || context === undefined) return [];
    const state = typeof value === 'string' ? value : 'recycling';
    const { request, pid, sessionId } = context;
    return [{ slotId, state, taskId: request?.taskId, pid, sessionId }];
  });
  return {
    at: Date.now(),
    status: pool.status(),
    floor: snapshot.context.floor,
    slots,
    tasks: new Map([...directory.entries].map(([id, entry]) => [id, viewOf(entry)])),
    counts: { ...directory.counts },
    ...known,
  };
}
