import { viewOf } from '../../../../machines/task-record.ts';
import type { TaskState, TaskView } from '../../../../machines/task-types.ts';
import type { Floor } from '../../../../machines/floor.ts';
import type { WatchedPool } from './watched-pool.ts';

/** All that the invariants are read from, in a moment in which no actor is in the middle of an event. */
export interface Sight {
  readonly at: number;
  /** By how much a time may pass before it counts as missed: the host may be busy. */
  readonly lateMs: number;
  readonly status: ReturnType<WatchedPool['status']>;
  /** Whether who waits does so for a later pool. */
  readonly isKeeping: boolean;
  readonly floor: Floor;
  readonly slots: readonly SlotSight[];
  readonly tasks: ReadonlyMap<string, TaskView>;
  readonly counts: Readonly<Record<TaskState, number>>;
}

export interface SlotSight {
  readonly slotId: string;
  readonly state: string;
  /** The task that it was given. */
  readonly taskId?: string | undefined;
  readonly pid?: number | undefined;
  readonly sessionId?: string | undefined;
}

export function sightOf(pool: WatchedPool, lateMs = 0): Sight {
  const snapshot = pool.actor.getSnapshot();
  const { children, context } = snapshot;
  const directory = children.directory?.getSnapshot().context;
  return {
    at: Date.now(),
    lateMs,
    status: pool.status(),
    isKeeping: snapshot.matches({ draining: 'keeping' }) || snapshot.matches('drained'),
    floor: context.floor,
    slots: slotsIn(children),
    tasks: new Map([...(directory?.entries ?? [])].map(([id, entry]) => [id, viewOf(entry)])),
    counts: { ...NONE, ...directory?.counts },
  };
}

const NONE = { pending: 0, running: 0, pendingReview: 0, completed: 0, failed: 0, cancelled: 0 };

function slotsIn(
  children: ReturnType<WatchedPool['actor']['getSnapshot']>['children'],
): readonly SlotSight[] {
  return Object.keys(children).flatMap((slotId): SlotSight[] => {
    const slot = isSlotId(slotId) ? children[slotId]?.getSnapshot() : undefined;
    if (slot === undefined) return [];
    const { value, context } = slot;
    const state = typeof value === 'string' ? value : 'recycling';
    const { request, pid, sessionId } = context;
    return [{ slotId, state, taskId: request?.taskId, pid, sessionId }];
  });
}

function isSlotId(id: string): id is `slot-${number}` {
  return id.startsWith('slot-');
}
