import type { TaskView } from '../../machines/task-types.ts';
import { abortable } from '../abortable.ts';
import type { Abortable, ApproveOptions } from '../api.ts';
import { PoolError } from '../errors.ts';
import type { FacadeParts } from './facade-parts.ts';
import { obstacleOf } from './merge-obstacle.ts';
import { parseApproval } from '../options/parse-approval.ts';
import { savedWork } from '../rooms/saved-work.ts';
import type { SavedWork } from '../workspaces/port.ts';

export interface MergeDesk {
  /** Merges the work of a task, then approves it; meanwhile it stays in review. Rejects when nothing was merged. */
  merge(task: TaskView, options: ApproveOptions, answers: ReviewAnswers): Promise<void>;
  /** Throws `INVALID_STATE` while the task's work is being merged. */
  assertIdle(taskId: string): void;
  /** Ends the merge of a task's work, if it can still be ended. Resolves when it is over; `undefined` when there is none. */
  stop(taskId: string): Promise<void> | undefined;
  /** Ends all merges and takes no more. `undefined` when there is none. */
  close(): Promise<unknown> | undefined;
  diff(task: TaskView, options: Abortable): Promise<string>;
}

/** What a merge comes to, for its task. */
export interface ReviewAnswers {
  readonly approve: () => void;
  readonly reject: (feedback: string) => void;
}

interface Merge {
  readonly stop: AbortController;
  readonly over: Promise<void>;
}

/** Merges between a review and its answer. */
export function mergeDesk({ log, rooms, workspaces }: FacadeParts): MergeDesk {
  const merges = new Map<string, Merge>();
  const closing = new AbortController();
  log.on('task.cancelled', (event) => {
    if ('taskId' in event && event.taskId !== undefined) void stopFor(event.taskId);
  });

  async function workOf({ context }: TaskView, signal: AbortSignal): Promise<SavedWork | undefined> {
    const { id, report, options } = context;
    const owners = options.chain === undefined ? [id] : [id, options.chain.id];
    const isHoused = options.workspace !== undefined;
    const work = report?.workspace ?? (isHoused ? await rooms.recall(owners, id, signal) : undefined);
    return savedWork(work);
  }

  async function integrate(
    task: TaskView,
    { approve, reject }: ReviewAnswers,
    { merge, signal, ...options }: ReturnType<typeof parseApproval> & { readonly signal: AbortSignal },
  ): Promise<void> {
    const work = await workOf(task, signal);
    if (work === undefined) {
      if (task.context.options.workspace === undefined) throw homeless(task.context.id);
      return approve();
    }
    const { onConflict, ...others } = options;
    const integration = await workspaces.integrate({ from: work.ref, mode: merge, signal, ...others });
    if (integration.status === 'merged') return approve();
    const { message, feedback } = obstacleOf(integration, options.verify);
    if (onConflict === 'feedback') reject(feedback);
    const next = onConflict === 'feedback' ? 'The task was told so.' : 'The task waits for review as before.';
    throw new PoolError('WORKTREE', `${message} ${next}`, { taskId: task.context.id });
  }

  function assertIdle(taskId: string): void {
    if (!merges.has(taskId)) return;
    const message = `Expected a task whose result waits for review, got \`${taskId}\`, whose work is being merged.`;
    throw new PoolError('INVALID_STATE', message, { taskId });
  }

  function stopFor(taskId: string): Promise<void> | undefined {
    const merge = merges.get(taskId);
    return merge && ended(merge, cancelled(taskId));
  }

  async function ended({ stop, over }: Merge, reason: PoolError): Promise<void> {
    stop.abort(reason);
    await over;
  }

  return {
    assertIdle,
    async merge(task, { signal, ...options }, answers) {
      const { id } = task.context;
      const parsed = parseApproval(options);
      assertIdle(id);
      closing.signal.throwIfAborted();
      const stop = new AbortController();
      const ends = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
      const merged = integrate(task, answers, { ...parsed, signal: ends });
      const over = merged.then(ignore, ignore).then(() => void merges.delete(id));
      merges.set(id, { stop, over });
      await merged.finally(() => over);
    },
    stop: stopFor,
    close() {
      closing.abort(CLOSED);
      if (merges.size === 0) return undefined;
      return Promise.all([...merges.values()].map((merge) => ended(merge, CLOSED)));
    },
    async diff(task, { signal = new AbortController().signal }) {
      const work = await abortable(workOf(task, signal), signal);
      return work === undefined ? '' : workspaces.diff({ from: work.ref, base: work.base }, { signal });
    },
  };
}

const CLOSED = new PoolError(
  'POOL_CLOSED',
  'The pool was drained before the work was merged. The task waits for review as before.',
);

function homeless(taskId: string): PoolError {
  const message = `Expected a task that worked in a git worktree, got \`${taskId}\`, which did not: there is nothing to merge. Approve it without \`merge\`.`;
  return new PoolError('WORKTREE', message, { taskId });
}

function cancelled(taskId: string): PoolError {
  return new PoolError('CANCELLED', 'The task was cancelled before its work was merged.', { taskId });
}

function ignore(): void {}
