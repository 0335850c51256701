import type { Actor } from 'xstate';
import type { TaskOptions } from '../../machines/task-types.ts';
import type { poolMachine } from '../../machines/pool.ts';
import type { Timestamp } from '../../machines/types.ts';
import type { Kept } from '../durable/kept.ts';
import type { EventDraft, EventLog } from '../streams/event-log.ts';
import type { Journal } from '../journal.ts';
import type { LiveOutput } from '../streams/live-output.ts';
import type { MetricsBook } from '../metrics/metrics-book.ts';
import type { SlotBounds } from '../options/parse-pool-options.ts';
import type { Store } from '../ports.ts';
import type { StoreView } from '../store/port.ts';
import type { WorkspaceRooms } from '../rooms/workspace-rooms.ts';
import type { SkillRegistry } from '../skills/skill-registry.ts';
import type { WaitingRoom } from '../waiting-room.ts';
import type { Workspaces } from '../workspaces/port.ts';

/** What the public methods of a pool work with. */
export interface FacadeParts {
  readonly actor: Actor<typeof poolMachine>;
  readonly log: EventLog;
  readonly output: LiveOutput;
  readonly waiting: WaitingRoom;
  readonly book: Journal;
  readonly metrics: MetricsBook;
  readonly store: Store;
  /** What has ended and left memory; absent for a pool without `stateDir`. */
  readonly archive?: StoreView<Kept>;
  /** Resolves when no session is left, also of slots that the pool did not wait for. */
  readonly sessionsGone: () => Promise<void>;
  readonly publish: (draft: EventDraft) => void;
  readonly now: () => Timestamp;
  readonly taskDefaults: TaskOptions;
  readonly bounds: SlotBounds;
  readonly skills: SkillRegistry;
  readonly workspaces: Workspaces;
  readonly rooms: WorkspaceRooms;
  /** The next place in the order of submission. */
  readonly nextSeq: () => number;
}
