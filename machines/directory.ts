import { createActor, fromTransition } from 'xstate';
import type { ActorRefFrom, AnyActorRef, AnyActorScope } from 'xstate';
import { chainShelf, outcomeFor } from './chain-shelf.ts';
import type { ChainChange, ChainRecord, ChainShelf } from './chain-shelf.ts';
import type { ChainEvent, ChainInput, ChainNotice, ChainOutput } from './chain-types.ts';
import type { SlotRequest } from './port.ts';
import { feedbackOf, openTask, promptOf, taskMachine } from './task.ts';
import type { TaskContext, TaskEvent, TaskInput, TaskNotice, TaskOutput } from './task-types.ts';
import type { Micros, SessionPolicy, SessionSettings, Timestamp } from './types.ts';

/** Where a task is in its life. `completed`, `failed` and `cancelled` never change. */
export type TaskState = 'pending' | 'running' | 'pendingReview' | 'completed' | 'failed' | 'cancelled';
/** What a pending task waits for: a slot, the end of a backoff, the end of a limit. */
export type TaskWait = 'ready' | 'backingOff' | 'parked';

/** A task as one sees it from outside, live or passivated. */
export interface TaskView {
  readonly state: TaskState;
  /** What a pending task waits for. */
  readonly wait?: TaskWait;
  readonly context: TaskContext;
}

export type DirectoryEvent =
  | { readonly type: 'directory.admit'; readonly input: TaskInput }
  /** Hands a task's next attempt to a slot; `assignment.voided` answers when the task does not wait any more. */
  | DirectoryAssign
  | DirectoryDelivery
  | SlotReleased
  | TaskNotice
  | DirectoryKept
  | DirectoryLost
  | { readonly type: 'directory.admitChain'; readonly input: ChainInput }
  | { readonly type: 'directory.tellChain'; readonly chainId: string; readonly event: ChainEvent }
  | ChainNotice
  | { readonly type: 'xstate.done.actor.task'; readonly output: TaskOutput }
  | { readonly type: 'xstate.done.actor.chain'; readonly output: ChainOutput };

export interface DirectoryDelivery {
  readonly type: 'directory.deliver';
  readonly taskId: string;
  readonly event: TaskEvent;
  /** The slot that is held until all that the event leads to is known. */
  readonly releases?: string;
}

/** These are kept elsewhere as they are here: those that are passivated leave memory, and are recalled from there. */
export interface DirectoryKept {
  readonly type: 'directory.kept';
  readonly tasks: readonly TaskView[];
}

/** Of a task that somebody waits for nothing is left, here or elsewhere. */
export interface DirectoryLost {
  readonly type: 'directory.lost';
  readonly taskId: string;
  readonly at: Timestamp;
}

/** The directory says it to itself, behind all that an event has led to, and then to the pool. */
export interface SlotReleased {
  readonly type: 'slot.released';
  readonly slotId: string;
  readonly at: Timestamp;
}

export interface DirectoryAssign {
  readonly type: 'directory.assign';
  readonly taskId: string;
  readonly slotId: string;
  readonly at: Timestamp;
  /** What the attempt is held to, when it is. */
  readonly capMicros?: Micros;
  /** The conversation that the slot is in, when it is the one of the task's last attempt. */
  readonly conversation?: string;
  /** The slot's conversation is none of the task's group. */
  readonly isStranger?: boolean;
  readonly isProbe?: true;
}

/** What a directory tells the pool, beside the notices of its tasks. */
export interface AssignmentVoided {
  readonly type: 'assignment.voided';
  readonly slotId: string;
  readonly at: Timestamp;
}

export interface DirectoryOptions {
  /** Idle tasks that stay live, and chains; the others are kept as their snapshots. @default 1000 */
  readonly liveTasks?: number;
  /** Tasks that have ended and stay in memory. @default 10000 */
  readonly keepFinished?: number;
  /** Finds a task that has left memory. With it none leaves before `directory.kept` names it as it is. */
  readonly recall?: (taskId: string) => TaskView | undefined;
  /** Told of each change of a task, right after it. */
  readonly observe?: (change: TaskChange) => void;
  readonly observeChain?: (change: ChainChange) => void;
  /** What an earlier pool has left, as far as it has not ended. */
  readonly restored?: RestoredWork;
}

export interface DirectoryInput {
  readonly pool: AnyActorRef;
}

export interface RestoredWork {
  /** Tasks that wait, in whatever way; those that can be recalled need not be among them. */
  readonly tasks: readonly TaskView[];
  readonly chains: readonly ChainRecord[];
  /** All tasks, by state. */
  readonly counts: Readonly<Record<TaskState, number>>;
}

export interface TaskChange {
  readonly task: TaskView;
  /** Absent for an admission, as is `event`. */
  readonly before?: TaskView;
  readonly event?: TaskEvent;
}

export interface DirectoryContext {
  readonly pool: AnyActorRef;
  readonly entries: Map<string, Entry>;
  readonly chains: ChainShelf;
  /** Ring of the ids that ended last. */
  readonly finished: string[];
  /** Where in the ring the next one goes. */
  oldest: number;
  readonly counts: Record<TaskState, number>;
  /** How many idle tasks are live. */
  liveIdle: number;
}

type TaskRef = ActorRefFrom<typeof taskMachine>;
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
    observe?.({ task: { state: 'pending', wait: 'ready', context: openTask(input) } });
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

/** The record of a task that does not run. */
function recordFrom({ state, wait = 'ready', context }: TaskView): TaskRecord {
  const value =
    state === 'pending' ? { pending: wait } : (state as Exclude<TaskState, 'pending' | 'running'>);
  return {
    status: 'active',
    value,
    context,
    output: undefined,
    error: undefined,
    children: {},
    historyValue: {},
  };
}

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

export function viewOf(entry: Entry): TaskView {
  if ('prompt' in entry) return { state: 'pending', wait: 'ready', context: openTask(entry) };
  const { value, context } = isLive(entry) ? entry.getSnapshot() : entry;
  const { state, wait } = stateOf(value);
  return wait === undefined ? { state, context } : { state, wait, context };
}

/** Until its first event a task is as it was admitted. */
function isAsKept(entry: TaskRecord | TaskInput, kept: TaskView): boolean {
  if ('prompt' in entry) return true;
  const { state, wait, context } = viewOf(entry);
  return state === kept.state && wait === kept.wait && context === kept.context;
}

function isLive(entry: Entry): entry is TaskRef {
  return 'getSnapshot' in entry;
}

export function isEnded(state: TaskState): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
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

function startTask(scope: AnyActorScope, entry: TaskRecord | TaskInput): TaskRef {
  const options = { parent: scope.self, id: 'task' };
  const ref =
    'prompt' in entry
      ? createActor(taskMachine, { ...options, input: entry })
      : createActor(taskMachine, { ...options, input: entry.context, snapshot: entry as never });
  return ref.start();
}

/** What `getPersistedSnapshot` gives for a machine without children and history, at a tenth of the cost. */
function recordOf({ status, value, context, output, error }: TaskSnapshot): TaskRecord {
  return { status, value, context, output, error, children: {}, historyValue: {} };
}

/** Feedback alone is enough for a conversation that knows the rest. */
function requestOf(context: TaskContext, order: DirectoryAssign): SlotRequest {
  const { capMicros, conversation, isProbe } = order;
  const { timeoutMs, silenceMs } = context.options;
  const settings = settingsFor(context);
  const work = context.report?.workspace;
  const feedback = conversation === undefined ? undefined : feedbackOf(context);
  const session = feedback === undefined ? sessionFor(context, order) : { resume: conversation ?? '' };
  return {
    taskId: context.id,
    generation: context.generation,
    prompt: feedback ?? promptOf(context),
    ...(settings && { settings }),
    ...(session !== undefined && { session }),
    ...(capMicros !== undefined && { capMicros }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(silenceMs !== undefined && { silenceMs }),
    ...(work && { work }),
    ...(isProbe && { isProbe }),
  };
}

/** A task that is in no chain has a workspace of its own instead. */
function settingsFor({ id, options }: TaskContext): SessionSettings | undefined {
  const { settings, workspace, chain } = options;
  if (workspace === undefined) return settings;
  const owner = workspace === 'chain' ? (chain?.id ?? id) : id;
  return { ...settings, workspace: workspace === 'slot' ? workspace : owner };
}

/** A task of a group goes on with the group's conversation, or with none. */
function sessionFor(
  { options: { session }, resumption }: TaskContext,
  { isStranger }: DirectoryAssign,
): SessionPolicy | undefined {
  if (resumption !== undefined) return { resume: resumption.sessionId };
  return isStranger === true && typeof session !== 'object' ? 'fresh' : session;
}

function cancelled(at: Timestamp): TaskEvent {
  return { type: 'task.cancel', at, reason: { code: 'CANCELLED', message: 'Its chain was cancelled.' } };
}

function isIdle(state: TaskState): boolean {
  return state === 'pending' || state === 'pendingReview';
}
