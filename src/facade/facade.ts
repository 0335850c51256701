import { randomUUID } from 'node:crypto';
import { toPromise } from 'xstate';
import { isEnded, viewOf } from '../../machines/task-record.ts';
import type { TaskEvent, TaskReason, TaskView } from '../../machines/task-types.ts';
import { abortable } from '../abortable.ts';
import type { Abortable, DrainSummary, Pool, ReviewOptions, TaskRequest, TaskResult } from '../api.ts';
import { chainDesk } from './chain-desk.ts';
import { directoryOf } from '../directory-of.ts';
import { PoolError } from '../errors.ts';
import type { FacadeParts } from './facade-parts.ts';
import { fleet } from './fleet.ts';
import { mergeDesk } from './merge-desk.ts';
import { mailbox } from './mailbox.ts';
import { usdOf } from '../money.ts';
import { assertAlive, assertOpen, assertStarts } from './open-pool.ts';
import { parseListener, parseRequests, parseTask, parseText, parseTimeout } from '../options.ts';
import { lifecycleOf, statusOf } from '../views/pool-status.ts';
import { sharedContext } from './shared-context.ts';
import { skillDesk } from './skill-desk.ts';
import { infoOf, outcomeOf } from '../views/task-info.ts';
import { tasksIn, tasksKept } from './task-list.ts';
import { workspaceDesk } from './workspace-desk.ts';

type Draft = ReturnType<typeof parseTask>;

const CANCELLED: TaskReason = { code: 'CANCELLED', message: 'The task was cancelled.' };

/** The pool's public face: calls become events, and events become promises and iterables. */
export function facade(parts: FacadeParts): Pool {
  const { actor, log, output, waiting, chainsWaiting, book, store, now, taskDefaults } = parts;
  const tasks = directoryOf(actor);
  const merges = mergeDesk(parts);
  let drained: Promise<DrainSummary> | undefined;

  /** In memory, or kept: a task that waits may have left memory, and so has one that ended long ago. */
  function known(taskId: string): TaskView | undefined {
    const entry = tasks.entries.get(taskId);
    return entry === undefined ? archive()?.task(taskId)?.data : viewOf(entry);
  }

  /** Closed with the pool. */
  function archive(): FacadeParts['archive'] {
    return lifecycleOf(actor.getSnapshot()) === 'drained' ? undefined : parts.archive;
  }

  function find(taskId: string): TaskView {
    const task = known(taskId);
    if (task !== undefined) return task;
    throw new PoolError(
      'TASK_NOT_FOUND',
      `Expected the id of a task of this pool, got \`${taskId}\`. Tasks that ended long ago are dropped (\`keepFinished\`).`,
      { taskId },
    );
  }

  function parseRequest(prompt: string, { signal: _signal, ...options }: ReviewOptions & Abortable): Draft {
    return parseTask(prompt, options, taskDefaults);
  }

  function admit({ prompt, options }: Draft): string {
    const id = ['task', randomUUID()].join('-');
    const at = now();
    const input = { id, prompt, options, seq: parts.nextSeq(), submittedAt: at };
    actor.send({ type: 'task.submit', input, at });
    return id;
  }

  async function accept(prompt: string, options: ReviewOptions & Abortable = {}): Promise<string> {
    const draft = parseRequest(prompt, options);
    options.signal?.throwIfAborted();
    assertStarts(actor.getSnapshot());
    const id = admit(draft);
    await book.flushed();
    return id;
  }

  function assertInReview(taskId: string): void {
    const { state } = find(taskId);
    if (state === 'pendingReview') return merges.assertIdle(taskId);
    const message = `Expected a task whose result waits for review, got \`${taskId}\`, which is ${state}.`;
    throw new PoolError('INVALID_STATE', message, { taskId });
  }

  function tell(taskId: string, event: TaskEvent): void {
    const task = known(taskId);
    if (task === undefined || isEnded(task.state)) return;
    assertAlive(actor.getSnapshot());
    actor.send({ type: 'task.tell', taskId, event, at: event.at });
  }

  async function ended(
    taskId: string,
    options: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<TaskView> {
    const task = find(taskId);
    if (!isEnded(task.state)) return waiting.ended(taskId, options);
    await book.flushed();
    return task;
  }

  function cancelNow(taskId: string): void {
    tell(taskId, { type: 'task.cancel', at: now(), reason: CANCELLED });
  }

  /** Waits for the end of tasks that the caller owns: when he aborts, they are cancelled. */
  async function endedOrCancelled(
    taskIds: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<readonly TaskView[]> {
    const abort = (): void => taskIds.forEach(cancelNow);
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.all(taskIds.map((taskId) => ended(taskId)));
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  function closeDoors(timeoutMs: number | undefined): void {
    const at = now();
    actor.send({ type: 'pool.drain', at, ...(timeoutMs !== undefined && { until: at + timeoutMs }) });
  }

  async function afterDrain(): Promise<DrainSummary> {
    await toPromise(actor);
    const keptWorktrees = await parts.rooms.close(hasFuture);
    await book.flushed().finally(endAll);
    const { counts } = tasks;
    return {
      totalTasks: counts.completed + counts.failed + counts.cancelled + counts.pendingReview,
      completedTasks: counts.completed,
      errorCount: counts.failed,
      cancelledTasks: counts.cancelled,
      pendingReview: counts.pendingReview,
      totalSpendUsd: usdOf(actor.getSnapshot().context.floor.ledger.spent),
      ...(keptWorktrees.length > 0 && { keptWorktrees }),
    };
  }

  /** Also where the last commit failed: nobody waits for ever. */
  async function endAll(): Promise<void> {
    await store.close();
    waiting.failAll(new PoolError('POOL_CLOSED', 'The pool was drained while the result waited for review.'));
    chainsWaiting.failAll(new PoolError('POOL_CLOSED', 'The pool was drained before the chain could end.'));
    log.end();
    output.endAll();
  }

  /** Whether a later pool on the same `stateDir` goes on with the task or chain. */
  function hasFuture(ownerId: string): boolean {
    if (parts.archive === undefined) return false;
    const task = known(ownerId);
    const chain = tasks.chains.view(ownerId);
    return task === undefined
      ? chain !== undefined && chain.context.endedAt === undefined
      : !isEnded(task.state);
  }

  const pool: Pool = {
    ...chainDesk(parts, tasks),
    ...skillDesk(parts.skills, { run: (...call) => pool.run(...call), submit: accept }),
    ...fleet(parts),
    ...mailbox(parts),
    ...sharedContext(parts),
    actor,
    metrics: () => parts.metrics.read(),
    async run(prompt, { signal, ...options } = {}) {
      const id = await pool.submit(prompt, { ...options, ...(signal && { signal }) });
      const [task] = await endedOrCancelled([id], signal);
      return resultOrThrow(task ?? find(id));
    },
    submit: accept,
    submitWithReview: (prompt, { maxRejections = 3, ...options } = {}) =>
      accept(prompt, { ...options, maxRejections }),
    async approveResult(taskId, { signal, ...options } = {}) {
      assertInReview(taskId);
      const approve = (): void => tell(taskId, { type: 'review.approve', at: now() });
      const reject = (feedback: string): void => tell(taskId, { type: 'review.reject', feedback, at: now() });
      const merge = { ...options, ...(signal && { signal }) };
      if (options.merge === undefined) approve();
      else await merges.merge(find(taskId), merge, { approve, reject });
      return resultOrThrow(await ended(taskId, signal === undefined ? {} : { signal }));
    },
    async rejectResult(taskId, feedback, { signal } = {}) {
      const text = parseText('feedback', feedback);
      assertInReview(taskId);
      assertOpen(actor.getSnapshot());
      tell(taskId, { type: 'review.reject', feedback: text, at: now() });
      const info = infoOf(find(taskId));
      await abortable(book.flushed(), signal);
      return info;
    },
    async result(taskId, { signal } = {}) {
      const task = find(taskId);
      return isEnded(task.state) ? resultOrThrow(await abortable(ended(taskId), signal)) : undefined;
    },
    async wait(taskId, { timeoutMs, ...options } = {}) {
      const limit = parseTimeout(timeoutMs);
      return resultOrThrow(
        await ended(taskId, limit === undefined ? options : { ...options, timeoutMs: limit }),
      );
    },
    diff: async (taskId, options = {}) => merges.diff(find(taskId), options),
    workspaces: workspaceDesk(parts),
    task: (taskId) => infoOf(find(taskId)),
    tasks(filter = {}) {
      const kept = archive();
      const found =
        kept === undefined
          ? tasksIn(tasks.entries.values(), filter)
          : tasksKept({ archive: kept, unsaved: book.unsaved() }, filter);
      return found.map(infoOf);
    },
    async fanOut(requests, { signal, ...shared } = {}) {
      const drafts = parseRequests(requests).map((request) => {
        const { prompt, ...own }: TaskRequest = typeof request === 'string' ? { prompt: request } : request;
        return parseRequest(prompt, { ...shared, ...own });
      });
      signal?.throwIfAborted();
      assertStarts(actor.getSnapshot());
      const ids = drafts.map(admit);
      const ends = await endedOrCancelled(ids, signal);
      return ends.map(outcomeOf);
    },
    async cancel(taskId, { signal } = {}) {
      find(taskId);
      const merging = merges.stop(taskId);
      if (merging !== undefined) await merging;
      cancelNow(taskId);
      return infoOf(await ended(taskId, signal === undefined ? {} : { signal }));
    },
    status: () => statusOf(actor.getSnapshot(), tasks),
    async history({ from = 1, task, limit = 1_000, signal } = {}) {
      if (parts.archive === undefined) {
        throw new PoolError(
          'INVALID_STATE',
          'Expected a pool with a `stateDir`, got one that keeps no history.',
        );
      }
      await abortable(book.flushed(), signal);
      return parts.archive.events({ from, limit, ...(task !== undefined && { taskId: task }) });
    },
    events: ({ signal } = {}) => log.read(signal),
    output(taskId, { signal } = {}) {
      const task = find(taskId);
      const isOver = isEnded(task.state) || lifecycleOf(actor.getSnapshot()) === 'drained';
      return isOver ? finalText(task) : output.read(taskId, signal);
    },
    on(type, listener) {
      const hear = parseListener(listener);
      return log.on(type, (event) => hear(event as never));
    },
    async drain({ timeoutMs: asked, signal } = {}) {
      const timeoutMs = parseTimeout(asked);
      const isOpen = lifecycleOf(actor.getSnapshot()) !== 'drained';
      const merging = merges.close();
      if (isOpen && merging === undefined) closeDoors(timeoutMs);
      else if (isOpen) void merging?.then(() => closeDoors(timeoutMs));
      drained ??= afterDrain();
      return abortable(drained, signal);
    },
    async [Symbol.asyncDispose]() {
      await pool.drain({ timeoutMs: 0 });
    },
  };
  return pool;
}

function resultOrThrow(task: TaskView): TaskResult {
  const outcome = outcomeOf(task);
  if (outcome.status === 'completed') return outcome.result;
  throw outcome.error;
}

async function* finalText(task: TaskView): AsyncGenerator<string> {
  const text = task.context.report?.evidence.result?.text ?? '';
  if (text !== '') yield text;
}
