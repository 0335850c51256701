import { fromTransition } from 'xstate';
import type { AnyActorRef, AnyActorScope } from 'xstate';
import { chainShelf, outcomeFor } from './chain-shelf.ts';
import type {
  DirectoryAssign,
  DirectoryContext,
  DirectoryEvent,
  DirectoryInput,
  DirectoryLost,
  DirectoryOptions,
} from './directory-types.ts';
import { isAsKept, isEnded, isIdle, isLive, recordFrom, recordOf, startTask, viewOf } from './task-record.ts';
import type { Entry, TaskRef } from './task-record.ts';
import { requestOf } from './task-request.ts';
import type { TaskEvent, TaskInput, TaskView } from './task-types.ts';
import type { Timestamp } from './types.ts';

/**
 * All tasks of a pool, by id. They are its children and not the pool's, because XState copies `children` at each
 * spawn and stop. A task that waits may be passivated at any time: its record is all there is to it.
 */
export function directory({
  liveTasks = 1_000,
  keepFinished = 10_000,
  recall,
  observe,
  observeChain,
  restored,
}: DirectoryOptions = {}) {
  function admit(state: DirectoryContext, input: TaskInput, scope: AnyActorScope): void {
    const staysLive = state.liveIdle < liveTasks;
    if (staysLive) state.liveIdle += 1;
    state.entries.set(input.id, staysLive ? startTask(scope, input) : input);
    state.counts.pending += 1;
    observe?.({ task: viewOf(input) });
  }

  function assign(state: DirectoryContext, order: DirectoryAssign, scope: AnyActorScope): void {
    const { taskId, slotId, at } = order;
    const task = deliver(state, { taskId, event: { type: 'task.assigned', slotId, at } }, scope);
    if (task === undefined && lookUp(state, taskId) === undefined) state.counts.pending -= 1;
    const slot: AnyActorRef | undefined = state.pool.getSnapshot().children[slotId];
    if (task?.state !== 'running' || slot === undefined) {
      state.pool.send({ type: 'assignment.voided', slotId, at });
      return;
    }
    slot.send({ type: 'slot.assign', request: requestOf(task.context, order), at });
  }

  /** The task after the event; `undefined` when there is none, or nothing has changed. */
  function deliver(
    state: DirectoryContext,
    { taskId, event }: { readonly taskId: string; readonly event: TaskEvent },
    scope: AnyActorScope,
  ): TaskView | undefined {
    const entry = lookUp(state, taskId);
    if (entry === undefined) {
      lose(state, { taskId, at: event.at }, scope);
      return undefined;
    }
    const before = viewOf(entry);
    if (isEnded(before.state)) return undefined;
    const ref = isLive(entry) ? entry : startTask(scope, entry);
    const previous = ref.getSnapshot();
    ref.send(event);
    if (ref.getSnapshot() === previous) {
      if (!isLive(entry)) scope.stopChild(ref);
      return undefined;
    }
    const task = viewOf(ref);
    if (isLive(entry) && isIdle(before.state)) state.liveIdle -= 1;
    place(state, { task, ref }, scope);
    state.counts[before.state] -= 1;
    state.counts[task.state] += 1;
    observe?.({ task, before, event });
    if (isEnded(task.state)) tellChain(state, { task, at: event.at }, scope);
    return task;
  }

  function place(
    state: DirectoryContext,
    { task, ref }: { task: TaskView; ref: TaskRef },
    scope: AnyActorScope,
  ): void {
    const { id } = task.context;
    if (isEnded(task.state)) {
      state.entries.set(id, recordOf(ref.getSnapshot()));
      if (recall === undefined) retire(state, id);
      return;
    }
    if (!isIdle(task.state)) {
      state.entries.set(id, ref);
      return;
    }
    if (state.liveIdle < liveTasks) {
      state.liveIdle += 1;
      state.entries.set(id, ref);
      return;
    }
    state.entries.set(id, recordOf(ref.getSnapshot()));
    scope.stopChild(ref);
  }

  function release(state: DirectoryContext, tasks: readonly TaskView[]): void {
    for (const task of tasks) {
      const { id } = task.context;
      const entry = state.entries.get(id);
      if (entry === undefined || isLive(entry) || !isAsKept(entry, task)) continue;
      if (isEnded(task.state)) retire(state, id);
      else state.entries.delete(id);
    }
  }

  function retire(state: DirectoryContext, id: string): void {
    const { finished } = state;
    const oldest = finished[state.oldest];
    finished[state.oldest] = id;
    state.oldest = (state.oldest + 1) % keepFinished;
    if (oldest !== undefined) state.entries.delete(oldest);
  }

  function lookUp(state: DirectoryContext, taskId: string): Entry | undefined {
    const entry = state.entries.get(taskId);
    if (entry !== undefined) return entry;
    const task = recall?.(taskId);
    return task && recordFrom(task);
  }

  return fromTransition(
    (state: DirectoryContext, event: DirectoryEvent, scope) => {
      switch (event.type) {
        case 'directory.admit':
          admit(state, event.input, scope);
          break;
        case 'directory.assign':
          assign(state, event, scope);
          break;
        case 'directory.deliver':
          deliver(state, event, scope);
          if (event.releases === undefined) break;
          scope.self.send({ type: 'slot.released', slotId: event.releases, at: event.event.at });
          break;
        case 'directory.kept':
          release(state, event.tasks);
          break;
        case 'directory.lost':
          lose(state, event, scope);
          break;
        case 'directory.admitChain':
          state.chains.admit(event.input, scope);
          break;
        case 'directory.tellChain':
          state.chains.tell(event.chainId, event.event, scope);
          break;
        case 'chain.taskSubmitted':
          state.pool.send({ type: 'task.submit', input: event.input, at: event.at });
          break;
        case 'chain.taskCancelled':
          state.pool.send({
            type: 'task.tell',
            taskId: event.taskId,
            event: cancelled(event.at),
            at: event.at,
          });
          break;
        case 'xstate.done.actor.task':
        case 'xstate.done.actor.chain':
          break;
        default:
          state.pool.send(event);
      }
      return state;
    },
    ({ input }: { input: DirectoryInput }): DirectoryContext => {
      const { tasks = [], chains = [], counts = NO_TASKS } = restored ?? {};
      return {
        pool: input.pool,
        entries: new Map(tasks.map((task) => [task.context.id, recordFrom(task)])),
        chains: chainShelf({ liveChains: liveTasks, keepFinished, observe: observeChain, restored: chains }),
        finished: [],
        oldest: 0,
        counts: { ...counts },
        liveIdle: 0,
      };
    },
  );
}

const NO_TASKS = { pending: 0, running: 0, pendingReview: 0, completed: 0, failed: 0, cancelled: 0 };

function tellChain(
  { chains }: DirectoryContext,
  { task, at }: { readonly task: TaskView; readonly at: Timestamp },
  scope: AnyActorScope,
): void {
  const { id: taskId, options } = task.context;
  if (options.chain === undefined) return;
  const outcome = outcomeFor(task, at);
  chains.tell(options.chain.id, { type: 'task.ended', taskId, outcome, at }, scope);
}

/** The chain that waits for the task hears that it has failed. */
function lose(
  { chains }: DirectoryContext,
  { taskId, at }: Omit<DirectoryLost, 'type'>,
  scope: AnyActorScope,
): void {
  const chain = [...chains.views()].find(({ context }) =>
    context.openTasks.some((open) => open.taskId === taskId),
  );
  if (chain === undefined) return;
  const outcome = {
    status: 'failed',
    output: '',
    error: LOST,
    spend: 0,
    spendEstimated: true,
    endedAt: at,
  } as const;
  chains.tell(chain.context.id, { type: 'task.ended', taskId, outcome, at }, scope);
}

const LOST = { code: 'STORE', message: 'The record of its task cannot be read any more.' };

function cancelled(at: Timestamp): TaskEvent {
  return { type: 'task.cancel', at, reason: { code: 'CANCELLED', message: 'Its chain was cancelled.' } };
}
