import type { Actor, InspectionEvent, Observer } from 'xstate';
import type { poolMachine } from '../machines/pool.ts';
import type { ChainState, StepState } from '../machines/chain-shelf.ts';
import type { TaskState, TaskWait } from '../machines/task-types.ts';
import type { StepFault, StepStatus } from '../machines/step-types.ts';
import type {
  Effort,
  Message,
  PermissionDenial,
  PermissionMode,
  SessionPolicy,
  SlotIdentity,
  SlotWish,
  Timestamp,
  TokensUsed,
  WorkReport,
  WorkspaceScope,
} from '../machines/types.ts';
import type { VerdictName } from '../machines/verdict-types.ts';
import type { ChainDraft } from './chains/chain-draft.ts';
import type { ChainForm, ChainFormOptions, ChainPartForm, ChainTemplateForm } from './chains/chain-form.ts';
import type { ClaudeOptions } from './claude/options.ts';
import type { PoolError } from './errors.ts';
import type { LimitState, LifecycleState, PoolEvent, PoolEventOf, SlotState } from './events.ts';
import type { PoolMetrics } from './metrics/pool-metrics.ts';
import type { ClaudeDriver } from './ports.ts';
import type { SkillArguments } from './skills/bind-arguments.ts';
import type { KeptWorktree } from './rooms/workspace-rooms.ts';
import type { SkillRegistry } from './skills/skill-registry.ts';
import type { MergeMode, Pruned, WorkspaceList } from './workspaces/port.ts';

/** Settings that a pool has for all its tasks and a task may override. */
export interface ClaudeSettings {
  /** A model id or alias. @default the CLI's own default */
  readonly model?: string;
  /** `'min'` is read as `'low'`. @default the CLI's own default */
  readonly effort?: Effort | 'min';
  /** What Claude may do without being asked. @default 'plan' */
  readonly permissionMode?: PermissionMode;
  /** Replaces Claude Code's own system prompt. */
  readonly systemPrompt?: string;
  /** Added after Claude Code's own system prompt. */
  readonly appendSystemPrompt?: string;
  /** Agentic turns that one attempt may take. @default no limit */
  readonly maxTurns?: number;
  /** The built-in tools that exist at all; `[]` means none. @default all */
  readonly tools?: readonly string[];
  /** Tools that need no permission. */
  readonly allowedTools?: readonly string[];
  readonly disallowedTools?: readonly string[];
  /** MCP servers by name, in the form of the CLI's `--mcp-config`. No others are loaded. */
  readonly mcpServers?: Readonly<Record<string, unknown>>;
}

/** Who a slot is, and what it may spend. */
export interface SlotOptions extends SlotIdentity {
  /** Cap on what the slot spends in its life, in US dollars. @default no cap */
  readonly budgetUsd?: number;
}

/** Bounds between which the number of slots follows the work. */
export interface AutoscaleOptions {
  readonly min: number;
  readonly max: number;
  /** How long there must be more slots than work before they go, in milliseconds. @default 60000 */
  readonly idleMs?: number;
}

/** What a pool is made with. Money is in US dollars, times are in milliseconds. Unknown options are refused. */
export interface PoolOptions extends ClaudeSettings {
  /** How many slots, or who each of them is. @default 2 */
  readonly slots?: number | readonly SlotOptions[];
  /** Fewest slots that scaling can come to. @default 1 */
  readonly minSlots?: number;
  /** Most slots that scaling can come to. @default 16, or `slots` when it is more */
  readonly maxSlots?: number;
  /** Lets the number of slots follow the work. @default off */
  readonly autoscale?: AutoscaleOptions;
  /** Cap on what the pool spends, in US dollars. @default no cap */
  readonly budgetUsd?: number;
  /**
   * What an attempt without `maxBudgetUsd` sets aside and is held to, in US dollars.
   * An attempt that dies with its spend unknown is booked with all that it had set aside.
   * @default with a `budgetUsd`: an equal share of what is left for each slot, and at least twice the mean so far
   */
  readonly reservationUsd?: number;
  /**
   * What a task continues. `'resume'`: the conversation of its slot, so that it knows what earlier tasks said there,
   * related or not. `'fresh'`: nothing. @default 'resume'
   */
  readonly session?: 'resume' | 'fresh';
  /** A conversation that holds more tokens is given up for a new one. @default 150000 */
  readonly maxSessionTokens?: number;
  /** A conversation that has served as many tasks is given up for a new one. @default 50 */
  readonly maxSessionTasks?: number;
  /** Time limit of one attempt, in milliseconds. @default no limit */
  readonly taskTimeoutMs?: number;
  /** An attempt without a line from Claude for this long, and no answer to a ping, has hung. Milliseconds. @default 240000 */
  readonly idleTimeoutMs?: number;
  /** How long a task waits for a slot, in milliseconds; time in which a limit holds the pool back does not count. @default no limit */
  readonly slotWaitMs?: number;
  /** Results that may wait for review before no more work is started. @default 100 */
  readonly maxPendingReview?: number;
  /** How long the pool parks at a limit that names no end, in milliseconds; doubled each time, up to 15 minutes. @default 30000 */
  readonly limitBackoffMs?: number;
  /** So many tasks in a row that end alike in a way that is likely not their fault park the pool; `0`: never. @default 5 */
  readonly breakAfter?: number;
  /** Attempts after the first, for verdicts that another attempt may help. @default 2 */
  readonly retries?: number;
  /** Crashes that a slot recovers from within ten minutes. @default 3 */
  readonly maxRestarts?: number;
  /**
   * Folder that the pool is kept in, so that it survives its process: a pool that is created there later goes on.
   * One pool at a time may use it. @default none: the pool ends with its process
   */
  readonly stateDir?: string;
  /**
   * What becomes of attempts that were cut off with an earlier pool: Claude is told to go on in the same conversation,
   * the task is tried anew, or it fails. @default 'resume'
   */
  readonly recovery?: 'resume' | 'retry' | 'fail';
  /** Tasks that have ended and are kept for `task`, `tasks` and `result`; in the `stateDir`, where there is one. @default 10000 */
  readonly keepFinished?: number;
  /** Waiting tasks that stay live actors, and as many chains; the others are kept as their snapshots. @default 1000 */
  readonly liveTasks?: number;
  /** Gives each slot a git worktree of its own: the same as `workspace: 'slot'`. @default false */
  readonly worktree?: boolean;
  /** Whose git worktree tasks work in; a task that is in no chain has one of its own instead. @default none: `claude.cwd` */
  readonly workspace?: WorkspaceScope;
  /** The repository of the worktrees: its folder, or any folder in one of its checkouts. @default `claude.cwd` */
  readonly repository?: string;
  /** What tasks start from: any name of a commit, looked up at each task. @default 'HEAD' */
  readonly baseRef?: string;
  /** Where worktrees lie, each in `<repository>/<name>/<id>`. @default '~/.claude-pool/worktrees' */
  readonly worktreeDir?: string;
  /** Whether Claude is told which files have uncommitted changes that its worktree lacks. @default false */
  readonly tellMissing?: boolean;
  /** Names the pool in branches and folders of its worktrees. @default one made from `stateDir`, else one of its own */
  readonly name?: string;
  /** Where skills are looked for. */
  readonly skills?: SkillOptions;
  /** Which Claude to start, and how. */
  readonly claude?: ClaudeOptions;
  /** Another Claude than the CLI. @default the driver of the CLI */
  readonly driver?: ClaudeDriver;
  /** Sees every actor, event and snapshot of the pool's actor system. */
  readonly inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void);
}

/** What a task may have of its own. What it does not set, the pool's options do. */
export interface TaskOptions extends ClaudeSettings {
  /** JSON Schema that the answer must satisfy; it is then in `structuredOutput`. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>;
  /** Higher runs sooner; equal ones in the order of submission. @default 0 */
  readonly priority?: number;
  /** Words to find tasks by. */
  readonly tags?: readonly string[];
  /** Cap on what the task spends in all its attempts, in US dollars. */
  readonly maxBudgetUsd?: number;
  /** Time limit of one attempt, in milliseconds. @default the pool's `taskTimeoutMs` */
  readonly timeoutMs?: number;
  /** How long the task waits for a slot, in milliseconds. @default the pool's `slotWaitMs` */
  readonly slotWaitMs?: number;
  /** Attempts after the first, for verdicts that another attempt may help. @default the pool's `retries` */
  readonly retries?: number;
  /** What the prompt continues. @default the pool's `session` */
  readonly session?: SessionPolicy;
  /** Whose git worktree it works in. @default the pool's `workspace` */
  readonly workspace?: WorkspaceScope;
  /** The slot that must run it. @default any */
  readonly slot?: SlotWish;
}

/** Options of a task whose result waits for review. */
export interface ReviewOptions extends TaskOptions {
  /** The rejection with this number fails the task. @default 3 */
  readonly maxRejections?: number;
}

/** A chain's parts in a program, or a whole chain with a name and arguments, such as `loadChain` gives. */
export type ChainSource =
  | readonly ChainPartForm<TaskOptions>[]
  | ChainForm<TaskOptions>
  | ChainTemplateForm<TaskOptions>
  | ChainDraft;

/** What a chain is run with. */
export interface ChainOptions extends ChainFormOptions {
  /** What `{NAME}` stands for in the texts of a chain that has arguments. */
  readonly arguments?: Readonly<Record<string, string | number | boolean>>;
}

/** One step of a chain, as far as it has come. Times are in milliseconds since the epoch. */
export interface ChainStepInfo {
  readonly name: string;
  readonly state: 'waiting' | StepState | StepStatus;
  /** Text of its last task, once the step has ended. */
  readonly output: string;
  /** What its running task has streamed so far. */
  readonly partialText?: string;
  /** Tasks that were run for it. */
  readonly attempts: number;
  readonly retriesUsed: number;
  /** Whether the recovery prompt saved it. */
  readonly recovered: boolean;
  /** Whether it failed of something that another run may not meet. */
  readonly recoverable: boolean;
  readonly spendUsd: number;
  readonly spendEstimated: boolean;
  readonly startedAt?: Timestamp;
  readonly endedAt?: Timestamp;
  readonly taskIds: readonly string[];
  readonly error?: StepFault;
  /** Why it was skipped. */
  readonly reason?: string;
}

/** A chain with all its steps, as far as it has come. Times are in milliseconds since the epoch. */
export interface ChainInfo {
  readonly id: string;
  readonly state: ChainState;
  readonly steps: readonly ChainStepInfo[];
  /** Names of the steps at work. */
  readonly working: readonly string[];
  /** Text of the last step that succeeded, once the chain has ended; of a group, each below its name. */
  readonly output: string;
  readonly spendUsd: number;
  readonly spendEstimated: boolean;
  readonly submittedAt: Timestamp;
  readonly startedAt?: Timestamp;
  readonly endedAt?: Timestamp;
  /** What the first step that failed died of. */
  readonly error?: StepFault;
}

/** Which chains are listed. */
export interface ChainFilter {
  readonly state?: ChainState;
  /** @default 100 */
  readonly limit?: number;
}

/** Where skills are looked for. */
export interface SkillOptions {
  /** Folder of the project's skills; `false` for none. @default '.claude-pool/skills' below `claude.cwd` */
  readonly project?: string | false;
  /** Folder of the user's skills; `false` for none. @default '~/.claude-pool/skills' */
  readonly global?: string | false;
  /** Whether the skills of this package are there. @default true */
  readonly builtin?: boolean;
  /** Names that count as absent. */
  readonly disabled?: readonly string[];
}

/** A prompt with its options. */
export interface TaskRequest extends TaskOptions {
  readonly prompt: string;
}

/** What every call takes that may wait. */
export interface Abortable {
  /** Ends the wait; of a call that starts work, also that work. The call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What a task came to. Money is in US dollars, times are in milliseconds. */
export interface TaskResult {
  readonly taskId: string;
  /** The answer. */
  readonly output: string;
  /** What all attempts of the task cost, in US dollars. */
  readonly spendUsd: number;
  /** True when a part of `spendUsd` is an estimate, because the CLI could not say. */
  readonly spendEstimated: boolean;
  readonly tokensUsed: TokensUsed;
  readonly verdict: VerdictName;
  /** Agentic turns of the last attempt. */
  readonly turns: number;
  /** How long the last attempt took. */
  readonly durationMs: number;
  readonly attempts: number;
  readonly sessionId?: string;
  readonly model?: string;
  readonly slotId?: string;
  readonly structuredOutput?: unknown;
  /** What it has done in its git worktree, when it had one. */
  readonly workspace?: WorkReport;
  /** Tools that Claude wanted and was not allowed. */
  readonly denials: readonly PermissionDenial[];
}

/** How one prompt of a fan-out ended. */
export type TaskOutcome =
  | { readonly status: 'completed'; readonly taskId: string; readonly result: TaskResult }
  | { readonly status: 'failed' | 'cancelled'; readonly taskId: string; readonly error: PoolError };

/** A task, as far as it has come. Times are in milliseconds since the epoch. */
export interface TaskInfo {
  readonly id: string;
  readonly state: TaskState;
  /** What a pending task waits for. */
  readonly wait?: TaskWait;
  readonly prompt: string;
  readonly priority: number;
  readonly tags: readonly string[];
  /** The chain and the step that it works for. */
  readonly chain?: { readonly id: string; readonly step: string };
  readonly attempts: number;
  readonly spendUsd: number;
  readonly slotId?: string;
  readonly submittedAt: Timestamp;
  readonly startedAt?: Timestamp;
  readonly endedAt?: Timestamp;
  /** When a task that backs off or is parked goes on. */
  readonly until?: Timestamp;
  /** What its rejections said, first one first. */
  readonly feedback: readonly string[];
  readonly verdict?: VerdictName;
  /** What the verdict rests on, as one sentence. */
  readonly reason?: string;
  /** Present when it is completed or waits for review. */
  readonly result?: TaskResult;
  /** Present when it failed or was cancelled. */
  readonly error?: PoolError;
}

/** Which tasks are listed: those that fit all that is given. */
export interface TaskFilter {
  readonly state?: TaskState;
  /** Tasks with this tag. */
  readonly tag?: string;
  /** Tasks on this slot. */
  readonly slot?: string;
  /** @default 100 */
  readonly limit?: number;
}

/** A slot at this moment. */
export interface SlotStatus extends SlotIdentity {
  readonly id: string;
  readonly state: SlotState;
  readonly activeTasks: number;
  readonly taskId?: string;
  /** Attempts that it has run. */
  readonly tasksCompleted: number;
  readonly spendUsd: number;
  readonly budgetUsd?: number;
  /** Messages that wait for its next task. */
  readonly messages: number;
  readonly restarts: number;
  /** Why it failed or recovers. */
  readonly reason?: string;
}

/** The pool at this moment. Money is in US dollars. */
export interface PoolStatus {
  readonly state: LifecycleState;
  readonly slots: readonly SlotStatus[];
  readonly activeTasks: number;
  readonly pendingTasks: number;
  readonly pendingReview: number;
  readonly completedTasks: number;
  readonly failedTasks: number;
  readonly cancelledTasks: number;
  readonly spendUsd: number;
  /** The part of `spendUsd` that is an estimate. */
  readonly estimatedUsd: number;
  readonly reservedUsd: number;
  readonly budgetUsd?: number;
  readonly remainingUsd?: number;
  /** Whether the pool is parked, why, and until when (milliseconds since the epoch). */
  readonly limit: {
    readonly state: LimitState;
    readonly cause?: 'rateLimited' | 'auth' | 'breaker';
    readonly reason?: string;
    readonly until?: Timestamp;
  };
}

/** Which events are read. */
export interface HistoryOptions {
  /** The first sequence number. @default 1 */
  readonly from?: number;
  /** Events of one task. */
  readonly task?: string;
  /** @default 1000 */
  readonly limit?: number;
}

/** Which slots are found: those that fit all that is given. */
export interface SlotFilter {
  readonly name?: string;
  readonly role?: string;
  readonly state?: SlotState;
}

/** How a pool ends. */
export interface DrainOptions {
  /** Milliseconds until what still runs is cancelled, or cut off where waiting tasks are kept. @default no limit */
  readonly timeoutMs?: number;
  /**
   * `keep` needs a `stateDir`: tasks that wait and chains with steps left stay as they are, and a later pool on the folder
   * goes on with them; what is cut off goes by its `recovery`. The first call decides. @default 'cancel'
   */
  readonly pending?: 'cancel' | 'keep';
}

/** What the tasks of a pool came to. */
export interface DrainSummary {
  readonly totalTasks: number;
  readonly completedTasks: number;
  readonly errorCount: number;
  readonly cancelledTasks: number;
  /** Results that still wait for review. */
  readonly pendingReview: number;
  /** Tasks that have not ended and are kept for a later pool. */
  readonly keptTasks: number;
  readonly totalSpendUsd: number;
  /** Worktrees that are still there. Absent when there is none. */
  readonly keptWorktrees?: readonly KeptWorktree[];
}

/** How a result is approved. */
export interface ApproveOptions extends Abortable {
  /** How the task's work goes into a branch before the task is completed. @default not at all */
  readonly merge?: MergeMode;
  /** Short name of the branch. @default `baseRef` where it is a branch, else the one that `repository` has checked out */
  readonly into?: string;
  /** Message of the commit of `merge` and `squash`. @default one that names the work and the branch */
  readonly message?: string;
  /** A program with its arguments; it runs in a checkout of the outcome, which is taken only when it exits with 0. */
  readonly verify?: readonly [string, ...string[]];
  /** Milliseconds for `verify`. @default 600000 */
  readonly verifyTimeoutMs?: number;
  /**
   * What becomes of a task whose work does not fit, or that `verify` refuses. `'feedback'`: it is rejected with what
   * is to be mended. `'fail'`: it stays in review. Either way the call rejects with `WORKTREE`. @default 'feedback'
   */
  readonly onConflict?: 'feedback' | 'fail';
}

/** Git worktrees and saved work of all pools of the repository. */
export interface PoolWorkspaces {
  list(options?: Abortable): Promise<WorkspaceList>;
  /** The patch of saved work, from `base`. @default since it left `baseRef` */
  diff(ref: string, options?: Abortable & { readonly base?: string }): Promise<string>;
  /** Creates a branch at saved work. Moves no branch that exists. */
  restore(ref: string, options: Abortable & { readonly branch: string }): Promise<void>;
  /** Saves, then removes the worktrees that no live process holds. `dryRun` only says which. */
  prune(options?: Abortable & { readonly dryRun?: boolean }): Promise<Pruned>;
}

/**
 * A fleet of Claude sessions. Every call that fails does so with a `PoolError`. Disposing of a pool drains it.
 *
 * @example
 * const id = await pool.submit('Fix the bug in main.ts.', { maxBudgetUsd: 1 });
 * for await (const text of pool.output(id)) process.stdout.write(text);
 * const { verdict, spendUsd } = await pool.wait(id, { timeoutMs: 600_000 });
 */
export interface Pool extends AsyncDisposable {
  /** Submits a prompt and waits for its result. Aborting the signal cancels the task. */
  run(prompt: string, options?: TaskOptions & Abortable): Promise<TaskResult>;
  /**
   * Submits a prompt; resolves with the task's id when the pool has accepted it. Rejects with `INVALID_OPTIONS`, with
   * `BUDGET_EXCEEDED` when the budget is spent, and with `POOL_CLOSED` once the pool drains.
   */
  submit(prompt: string, options?: TaskOptions & Abortable): Promise<string>;
  /** The result of a task; `undefined` until it has ended. Rejects when it failed or was cancelled. */
  result(taskId: string, options?: Abortable): Promise<TaskResult | undefined>;
  /** Waits for the end of a task. Rejects when it fails, is cancelled, or the time is over; the task goes on then. */
  wait(taskId: string, options?: Abortable & { readonly timeoutMs?: number }): Promise<TaskResult>;
  /**
   * How far a task has come; with a `stateDir` also one of an earlier life, as long as it is kept there.
   * Throws `TASK_NOT_FOUND`.
   */
  task(taskId: string): TaskInfo;
  /**
   * Tasks in the order of their submission. With a `stateDir` all that are kept there, of earlier lives too: first those
   * that have not ended, in the order in which they run; then the others, the last that ended first.
   */
  tasks(filter?: TaskFilter): readonly TaskInfo[];
  /**
   * Submits all and waits for all: one outcome for each, in order. It never rejects because of a task: failures are among
   * the outcomes. Aborting the signal cancels what has not ended.
   */
  fanOut(
    requests: readonly (string | TaskRequest)[],
    options?: TaskOptions & Abortable,
  ): Promise<readonly TaskOutcome[]>;
  /** Cancels a task, with its process work, and resolves when it has ended. No-op for one that has ended. */
  cancel(taskId: string, options?: Abortable): Promise<TaskInfo>;
  /** Starts a chain of tasks; resolves with its id. Rejects with `INVALID_OPTIONS` or `SKILL_NOT_FOUND` before any step runs. */
  submitChain(source: ChainSource, options?: ChainOptions & Abortable): Promise<string>;
  /** Runs a chain to its end, good or bad: its state tells. Aborting the signal cancels it. */
  runChain(source: ChainSource, options?: ChainOptions & Abortable): Promise<ChainInfo>;
  /** Runs chains beside each other: one answer for each, in order. */
  fanOutChains(
    sources: readonly ChainSource[],
    options?: ChainOptions & Abortable,
  ): Promise<readonly ChainInfo[]>;
  /** How far a chain has come. Throws `CHAIN_NOT_FOUND`. */
  chainResult(chainId: string): ChainInfo;
  /** Waits for the end of a chain, good or bad. Rejects with `CHAIN_NOT_FOUND`, or `TIMEOUT`; the chain goes on then. */
  waitChain(chainId: string, options?: Abortable & { readonly timeoutMs?: number }): Promise<ChainInfo>;
  /** Chains in the order of their submission. */
  chains(filter?: ChainFilter): readonly ChainInfo[];
  /** Cancels the running step and skips the rest; resolves when the chain has ended. What was spent is kept. */
  cancelChain(chainId: string, options?: Abortable): Promise<ChainInfo>;
  /** The skills that the pool knows. */
  readonly skills: SkillRegistry;
  /**
   * Runs a skill with arguments, by name or in order. What `options` sets wins over what the skill sets.
   * Rejects with `SKILL_NOT_FOUND`, or `SKILL_INVALID` when the arguments do not fit.
   */
  runSkill(name: string, args?: SkillArguments, options?: TaskOptions & Abortable): Promise<TaskResult>;
  /** As `runSkill`; resolves with the task's id when the pool has accepted it. */
  submitSkill(name: string, args?: SkillArguments, options?: TaskOptions & Abortable): Promise<string>;
  /** Submits a prompt whose result waits for `approveResult` or `rejectResult`. */
  submitWithReview(prompt: string, options?: ReviewOptions & Abortable): Promise<string>;
  /**
   * Completes a task whose result waits for review. Rejects with `INVALID_STATE` when none does.
   * With `merge` the task stays in review until its work is merged; rejects with `WORKTREE` when it could not be.
   */
  approveResult(taskId: string, options?: ApproveOptions): Promise<TaskResult>;
  /** The patch of what a task has done in its git worktree; empty for nothing. */
  diff(taskId: string, options?: Abortable): Promise<string>;
  /** Git worktrees and saved work of the repository. */
  readonly workspaces: PoolWorkspaces;
  /**
   * Sends a task back to work with feedback: into the same conversation where that is free, else with the prompt.
   * The last of its rejections fails it. Rejects with `INVALID_STATE` when its result does not wait for review, and
   * with `POOL_CLOSED` once the pool drains: the result waits on.
   */
  rejectResult(taskId: string, feedback: string, options?: Abortable): Promise<TaskInfo>;
  /** What the pool is and does at this moment. */
  status(): PoolStatus;
  /** What all tasks so far did and cost. */
  metrics(): PoolMetrics;
  /**
   * Gives a slot another name, role or description; what is not given stays. It holds from the slot's next task on.
   * Throws `SLOT_NOT_FOUND`.
   */
  configureSlot(slotId: string, identity: SlotIdentity): SlotStatus;
  /** The slots that fit all that is given. */
  findSlots(filter?: SlotFilter): readonly SlotStatus[];
  /** Starts more slots. Returns how many there will be. Throws `INVALID_OPTIONS` beyond `maxSlots`. */
  scaleUp(count: number): number;
  /** Stops slots: idle ones at once, busy ones after their task. Returns how many there will be. Throws `INVALID_OPTIONS` below `minSlots`. */
  scaleDown(count: number): number;
  /** Scales up or down to so many slots, and replaces those that have failed. */
  setTargetSlots(count: number): number;
  /** Sets an entry of the shared context: it stands in the system prompt of every task that starts from now on. */
  contextSet(key: string, value: string): void;
  /** An entry of the shared context. */
  contextGet(key: string): string | undefined;
  /** Whether there was such an entry. */
  contextDelete(key: string): boolean;
  /** The whole shared context. */
  contextList(): Readonly<Record<string, string>>;
  /**
   * Leaves a message for a slot, to be delivered with its next task. Returns the message's id.
   * Throws `SLOT_NOT_FOUND`, or `INVALID_STATE` when 100 messages wait already.
   */
  sendMessage(from: string, to: string, text: string): string;
  /** Leaves a message for every slot but the sender. Returns the messages' ids. */
  broadcastMessage(from: string, text: string): readonly string[];
  /** The messages that wait for a slot; they are not delivered any more. */
  readMessages(slotId: string): readonly Message[];
  /** The messages that wait for a slot. */
  peekMessages(slotId: string): readonly Message[];
  /** Events of the past, in order, from the `stateDir`. Rejects with `INVALID_STATE` for a pool without one. */
  history(options?: HistoryOptions & Abortable): Promise<readonly PoolEvent[]>;
  /** Every event from now on, in order. A reader that is too slow is told how many it missed. */
  events(options?: Abortable): AsyncIterable<PoolEvent>;
  /** The text of a task as it is streamed: what is there, then what comes, until the task has ended. */
  output(taskId: string, options?: Abortable): AsyncIterable<string>;
  /** Listens to events of one type, or to all (`'event'`). Returns the way to stop. */
  on<Type extends PoolEvent['type'] | 'event'>(
    type: Type,
    listener: (event: PoolEventOf<Type>) => void,
  ): () => void;
  /**
   * Takes no more tasks, cancels or keeps those that wait, lets the running ones end, stops every process.
   * A second call gives the same summary, and may set an earlier end. Aborting the signal ends the wait, not the drain.
   */
  drain(options?: DrainOptions & Abortable): Promise<DrainSummary>;
  /** The pool's root actor. */
  readonly actor: Actor<typeof poolMachine>;
}
