import type { AttemptTrail } from './kept.ts';

export interface AttemptTrails {
  /** Where a running attempt is about to be sent. */
  readonly note: (taskId: string, trail: AttemptTrail) => void;
  readonly of: (taskId: string) => AttemptTrail | undefined;
  readonly forget: (taskId: string) => void;
}

/** What is known of the attempts that run, for a pool that comes after a crash. */
export function attemptTrails(): AttemptTrails {
  const trails = new Map<string, AttemptTrail>();
  return {
    note: (taskId, trail) => void trails.set(taskId, trail),
    of: (taskId) => trails.get(taskId),
    forget: (taskId) => void trails.delete(taskId),
  };
}
