import type { Actor, InspectionEvent, Observer } from 'xstate';
import type { poolMachine } from '../machines/pool.ts';
import type { TaskState, TaskWait } from '../machines/directory.ts';
import type {
  Effort,
  PermissionDenial,
  PermissionMode,
  SessionPolicy,
  SlotIdentity,
  SlotWish,
  Timestamp,
  TokensUsed,
} from '../machines/types.ts';
import type { VerdictName } from '../machines/verdict-types.ts';
import type { ClaudeOptions } from './claude/options.ts';
import type { PoolError } from './errors.ts';
import type { LimitState, LifecycleState, PoolEvent, PoolEventOf, SlotState } from './events.ts';
import type { ClaudeDriver } from './ports.ts';

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

export interface PoolOptions extends ClaudeSettings {
  /** How many slots, or the identity of each. @default 2 */
  readonly slots?: number | readonly SlotIdentity[];
  /** Cap on what the pool spends, in US dollars. @default no cap */
  readonly budgetUsd?: number;
  /** Whether a slot goes on with its conversation or starts each task clean. @default 'resume' */
  readonly session?: 'resume' | 'fresh';
  /** Time limit of one attempt, in milliseconds. @default no limit */
  readonly taskTimeoutMs?: number;
  /** Attempts after the first, for verdicts that another attempt may help. @default 2 */
  readonly retries?: number;
  /** Crashes that a slot recovers from within ten minutes. @default 3 */
  readonly maxRestarts?: number;
  /** Tasks that have ended and are kept for `task`, `tasks` and `result`. @default 10000 */
  readonly keepFinished?: number;
  /** Waiting tasks that stay live actors; the others are kept as their snapshots. @default 1000 */
  readonly liveTasks?: number;
  /** Which Claude to start, and how. */
  readonly claude?: ClaudeOptions;
  /** Another Claude than the CLI. @default the driver of the CLI */
  readonly driver?: ClaudeDriver;
  /** Sees every actor, event and snapshot of the pool's actor system. */
  readonly inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void);
}

export interface TaskOptions extends ClaudeSettings {
  /** JSON Schema that the answer must satisfy; it is then in `structuredOutput`. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>;
  /** Higher runs sooner; equal ones in the order of submission. @default 0 */
  readonly priority?: number;
  readonly tags?: readonly string[];
  /** Cap on what one attempt spends, in US dollars. */
  readonly maxBudgetUsd?: number;
  /** Time limit of one attempt, in milliseconds. @default the pool's `taskTimeoutMs` */
  readonly timeoutMs?: number;
  /** @default the pool's `retries` */
  readonly retries?: number;
  /** What the prompt continues. @default the pool's `session` */
  readonly session?: SessionPolicy;
  /** The slot that must run it. @default any */
  readonly slot?: SlotWish;
}

/** A prompt with its options. */
export interface TaskRequest extends TaskOptions {
  readonly prompt: string;
}

export interface Abortable {
  readonly signal?: AbortSignal;
}

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
  /** Tools that Claude wanted and was not allowed. */
  readonly denials: readonly PermissionDenial[];
}

/** How one prompt of a fan-out ended. */
export type TaskOutcome =
  | { readonly status: 'completed'; readonly taskId: string; readonly result: TaskResult }
  | { readonly status: 'failed' | 'cancelled'; readonly taskId: string; readonly error: PoolError };

export interface TaskInfo {
  readonly id: string;
  readonly state: TaskState;
  /** What a pending task waits for. */
  readonly wait?: TaskWait;
  readonly prompt: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly attempts: number;
  readonly spendUsd: number;
  readonly slotId?: string;
  readonly submittedAt: Timestamp;
  readonly startedAt?: Timestamp;
  readonly endedAt?: Timestamp;
  /** When a task that backs off or is parked goes on. */
  readonly until?: Timestamp;
  readonly verdict?: VerdictName;
  /** What the verdict rests on, as one sentence. */
  readonly reason?: string;
  /** Present when it is completed or waits for review. */
  readonly result?: TaskResult;
  /** Present when it failed or was cancelled. */
  readonly error?: PoolError;
}

export interface TaskFilter {
  readonly state?: TaskState;
  /** Tasks with this tag. */
  readonly tag?: string;
  /** Tasks on this slot. */
  readonly slot?: string;
  /** @default 100 */
  readonly limit?: number;
}

export interface SlotStatus extends SlotIdentity {
  readonly id: string;
  readonly state: SlotState;
  readonly activeTasks: number;
  readonly taskId?: string;
  readonly tasksCompleted: number;
  readonly spendUsd: number;
  readonly restarts: number;
  /** Why it failed or recovers. */
  readonly reason?: string;
}

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
  readonly limit: { readonly state: LimitState; readonly reason?: string; readonly until?: Timestamp };
}

export interface DrainSummary {
  readonly totalTasks: number;
  readonly completedTasks: number;
  readonly errorCount: number;
  readonly cancelledTasks: number;
  /** Results that still wait for review. */
  readonly pendingReview: number;
  readonly totalSpendUsd: number;
}

export interface Pool extends AsyncDisposable {
  /** Submits a prompt and waits for its result. Aborting the signal cancels the task. */
  run(prompt: string, options?: TaskOptions & Abortable): Promise<TaskResult>;
  /** Submits a prompt; resolves with the task's id when the pool has accepted it. */
  submit(prompt: string, options?: TaskOptions & Abortable): Promise<string>;
  /** The result of a task; `undefined` until it has ended. Rejects when it failed or was cancelled. */
  result(taskId: string, options?: Abortable): Promise<TaskResult | undefined>;
  /** Waits for the end of a task. Rejects when it fails, is cancelled, or the time is over; the task goes on then. */
  wait(taskId: string, options?: Abortable & { readonly timeoutMs?: number }): Promise<TaskResult>;
  task(taskId: string): TaskInfo;
  /** Tasks in the order of their submission. */
  tasks(filter?: TaskFilter): readonly TaskInfo[];
  /** Submits all and waits for all: one outcome for each, in order. Aborting the signal cancels what has not ended. */
  fanOut(
    requests: readonly (string | TaskRequest)[],
    options?: TaskOptions & Abortable,
  ): Promise<readonly TaskOutcome[]>;
  /** Cancels a task, with its process work, and resolves when it has ended. No-op for one that has ended. */
  cancel(taskId: string, options?: Abortable): Promise<TaskInfo>;
  status(): PoolStatus;
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
   * Takes no more tasks, cancels those that wait, lets the running ones end, stops every process.
   * What still runs after `timeoutMs` is cancelled. A second call gives the same summary, and may set an earlier end.
   * Aborting the signal ends the wait, not the drain.
   */
  drain(options?: Abortable & { readonly timeoutMs?: number }): Promise<DrainSummary>;
  /** The pool's root actor. */
  readonly actor: Actor<typeof poolMachine>;
}
