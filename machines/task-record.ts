import { createActor } from 'xstate';
import type { ActorRefFrom, AnyActorScope } from 'xstate';
import { openTask, taskMachine } from './task.ts';
import type { TaskContext, TaskInput, TaskState, TaskView, TaskWait } from './task-types.ts';

export type TaskRef = ActorRefFrom<typeof taskMachine>;
type TaskSnapshot = ReturnType<TaskRef['getSnapshot']>;

/** A task that is live, or passivated as its record. Until its first event its input is its record. */
export type Entry = TaskRef | TaskRecord | TaskInput;

/** A passivated task. What `createActor` restores a task from. */
export interface TaskRecord {
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  readonly value: TaskSnapshot['value'];
  readonly context: TaskContext;
  readonly output: unknown;
  readonly error: unknown;
  readonly children: Record<string, never>;
  readonly historyValue: Record<string, never>;
}

export function viewOf(entry: Entry): TaskView {
  if ('prompt' in entry) return { state: 'pending', wait: 'ready', context: openTask(entry) };
  const { value, context } = isLive(entry) ? entry.getSnapshot() : entry;
  const { state, wait } = stateOf(value);
  return wait === undefined ? { state, context } : { state, wait, context };
}

export function isLive(entry: Entry): entry is TaskRef {
  return 'getSnapshot' in entry;
}

export function isEnded(state: TaskState): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}

export function isIdle(state: TaskState): boolean {
  return state === 'pending' || state === 'pendingReview';
}

export function startTask(scope: AnyActorScope, entry: TaskRecord | TaskInput): TaskRef {
  const options = { parent: scope.self, id: 'task' };
  const ref =
    'prompt' in entry
      ? createActor(taskMachine, { ...options, input: entry })
      : createActor(taskMachine, { ...options, input: entry.context, snapshot: entry as never });
  return ref.start();
}

/** What `getPersistedSnapshot` gives for a machine without children and history, at a tenth of the cost. */
export function recordOf({
  status,
  value,
  context,
  output,
  error,
}: Omit<TaskRecord, 'children' | 'historyValue'>): TaskRecord {
  return { status, value, context, output, error, children: {}, historyValue: {} };
}

/** The record of a task that does not run. */
export function recordFrom({ state, wait = 'ready', context }: TaskView): TaskRecord {
  const value =
    state === 'pending' ? { pending: wait } : (state as Exclude<TaskState, 'pending' | 'running'>);
  return recordOf({ status: 'active', value, context, output: undefined, error: undefined });
}

/** Until its first event a task is as it was admitted. */
export function isAsKept(entry: TaskRecord | TaskInput, kept: TaskView): boolean {
  if ('prompt' in entry) return true;
  const { state, wait, context } = viewOf(entry);
  return state === kept.state && wait === kept.wait && context === kept.context;
}

const VIEWS: Readonly<Record<TaskState | TaskWait, Omit<TaskView, 'context'>>> = {
  ready: { state: 'pending', wait: 'ready' },
  backingOff: { state: 'pending', wait: 'backingOff' },
  parked: { state: 'pending', wait: 'parked' },
  pending: { state: 'pending' },
  running: { state: 'running' },
  pendingReview: { state: 'pendingReview' },
  completed: { state: 'completed' },
  failed: { state: 'failed' },
  cancelled: { state: 'cancelled' },
};

function stateOf(value: TaskSnapshot['value']): Omit<TaskView, 'context'> {
  if (typeof value === 'string') return VIEWS[value];
  return 'pending' in value ? VIEWS[value.pending] : VIEWS.running;
}
