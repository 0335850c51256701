import { isEnded, viewOf } from '../../machines/task-record.ts';
import type { TaskEvent, TaskView } from '../../machines/task-types.ts';
import { abortable } from '../abortable.ts';
import type { TaskFilter } from '../api.ts';
import { directoryOf } from '../directory-of.ts';
import { PoolError } from '../errors.ts';
import { lifecycleOf } from '../views/pool-status.ts';
import type { WaitOptions } from '../waiters.ts';
import type { FacadeParts } from './facade-parts.ts';
import { assertAlive } from './assert-open.ts';
import { tasksIn, tasksKept } from './task-list.ts';

export interface TaskRegister {
  /** In memory, or kept: a task that waits may have left memory, and so has one that ended long ago. */
  readonly known: (taskId: string) => TaskView | undefined;
  /** Throws `TASK_NOT_FOUND`; `POOL_CLOSED` where the task may be kept, and the pool has ended. */
  readonly find: (taskId: string) => TaskView;
  readonly list: (filter: TaskFilter) => readonly TaskView[];
  /** Nothing is told to a task that has ended. Throws `POOL_CLOSED` when the pool has ended before it. */
  readonly tell: (taskId: string, event: TaskEvent) => void;
  /** Resolves with the task once it has ended durably. */
  readonly ended: (taskId: string, options?: WaitOptions) => Promise<TaskView>;
}

/** All tasks of a pool: how they are found, told and waited for. */
export function taskRegister({ actor, archive, book, waiting }: FacadeParts): TaskRegister {
  const { entries } = directoryOf(actor);

  /** Closed with the pool. */
  function openArchive(): FacadeParts['archive'] {
    return lifecycleOf(actor.getSnapshot()) === 'drained' ? undefined : archive;
  }

  function known(taskId: string): TaskView | undefined {
    const entry = entries.get(taskId);
    return entry === undefined ? openArchive()?.task(taskId)?.data : viewOf(entry);
  }

  function find(taskId: string): TaskView {
    const task = known(taskId);
    if (task !== undefined) return task;
    if (archive !== undefined) assertAlive(actor.getSnapshot());
    throw new PoolError(
      'TASK_NOT_FOUND',
      `Expected the id of a task of this pool, got \`${taskId}\`. Tasks that ended long ago are dropped (\`keepFinished\`).`,
      { taskId },
    );
  }

  return {
    known,
    find,
    list(filter) {
      const kept = openArchive();
      return kept === undefined
        ? tasksIn(entries.values(), filter)
        : tasksKept({ archive: kept, unsaved: book.unsaved() }, filter);
    },
    tell(taskId, event) {
      const task = known(taskId);
      if (task === undefined || isEnded(task.state)) return;
      assertAlive(actor.getSnapshot());
      actor.send({ type: 'task.tell', taskId, event, at: event.at });
    },
    async ended(taskId, options = {}) {
      const task = find(taskId);
      if (!isEnded(task.state)) return waiting.tasks.ended(taskId, options);
      await abortable(book.flushed(), options.signal);
      return task;
    },
  };
}
