import type { TaskView } from '../../machines/task-types.ts';
import { PoolError } from '../errors.ts';
import type { StoreView } from '../store/port.ts';
import type { Kept } from './kept.ts';

export interface RecallerParts {
  readonly store: Pick<StoreView<Kept>, 'task'>;
  /** A task that waited cannot be read any more: its record was set aside. */
  readonly onLost: (taskId: string, error: PoolError) => void;
  /** The store cannot be read. */
  readonly onFailure: (error: unknown) => void;
}

/** Finds tasks that have left memory. What goes wrong is told, and never thrown into a machine. */
export function recaller({
  store,
  onLost,
  onFailure,
}: RecallerParts): (taskId: string) => TaskView | undefined {
  return (taskId) => {
    try {
      const save = store.task(taskId);
      if (save === undefined) onLost(taskId, lost(taskId));
      return save?.data;
    } catch (error) {
      onFailure(error);
      return undefined;
    }
  };
}

function lost(taskId: string): PoolError {
  const message = `Expected the record of task \`${taskId}\` in the store, got none that can be read. Submit the task again.`;
  return new PoolError('STORE', message, { taskId });
}
