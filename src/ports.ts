import type { ChainView } from '../machines/chain-shelf.ts';
import type { TaskView } from '../machines/task-types.ts';
import type { Finding } from '../machines/recovery.ts';
import type {
  AttemptReport,
  Effort,
  Micros,
  ProcessExit,
  SessionLaunch,
  WorkReport,
} from '../machines/types.ts';
import type { PoolEvent } from './events.ts';

export type { Finding, SessionLaunch };

/** One prompt for an open session. */
export interface Turn {
  readonly prompt: string;
  /** Overrides the launch's model for this turn. */
  readonly model?: string;
  readonly effort?: Effort;
  /** The turn is interrupted when its spend passes this. */
  readonly capMicros?: Micros;
  /** The turn is interrupted after this time. */
  readonly timeoutMs?: number;
  /** Without any line for this long, a control ping decides between waiting and wedged. @default 240000 */
  readonly silenceMs?: number;
  /** The attempt that the prompt is for. */
  readonly attempt?: TurnAttempt;
}

/** Which try of which task a turn is for. */
export interface TurnAttempt {
  readonly taskId: string;
  /** From 1. */
  readonly number: number;
  /** What the task has done so far. */
  readonly work?: WorkReport;
}

/** Something that a turn does besides streaming text: shown as progress. */
export type TurnActivity =
  | { readonly type: 'sent' }
  | { readonly type: 'toolUse'; readonly name: string }
  | { readonly type: 'retry'; readonly status: number | undefined; readonly delayMs: number }
  | { readonly type: 'malformedLine'; readonly excerpt: string };

/** How a turn is followed and ended. */
export interface TurnHooks {
  /** Interrupts the turn. The report then says `interruption: 'cancelled'`, unless a result was already there. */
  readonly signal: AbortSignal;
  /** Text of the answer as it is streamed. */
  readonly onText?: (text: string) => void;
  readonly onActivity?: (activity: TurnActivity) => void;
  /** What the turn has spent so far. */
  readonly onSpend?: (spend: Micros) => void;
}

/** How a session's process ended. */
export interface SessionExit extends ProcessExit {
  readonly stderrTail: string;
}

/** One conversation in one long-lived process. One turn at a time. `docs/writing-a-driver.md` has an example. */
export interface ClaudeSession {
  readonly pid: number | undefined;
  /** Version of the CLI, such as `2.1.330`. */
  readonly version: string;
  /** Id of the conversation, known before its first prompt; changes with `clear`. */
  readonly sessionId: string | undefined;
  /** The folder that it works in, when it is not the launch's. */
  readonly cwd?: string;
  /** Settles when the process is gone, whoever ended it. Never rejects. */
  readonly exited: Promise<SessionExit>;
  /** Makes ready for a turn, and returns it as it is to be run. Rejects with `PoolError`. @default nothing to do */
  prepare?(turn: Turn, options: { readonly signal: AbortSignal }): Promise<Turn>;
  /** Runs one prompt to its end. Whatever Claude or its process does is in the report; it rejects for bugs only. */
  run(turn: Turn, hooks: TurnHooks): Promise<AttemptReport>;
  /** Empties the conversation; the process stays. Rejects when that fails: close the session then. */
  clear(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Ends the process with all its descendants, by force when it must. Resolves when all are gone. */
  close(): Promise<void>;
}

/** What is known of an attempt that was cut off. */
export interface AttemptTrace {
  readonly sessionId: string;
  readonly cwd?: string | undefined;
  readonly prompt: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** The port behind which Claude lives. `docs/writing-a-driver.md` has an example. */
export interface ClaudeDriver {
  /**
   * Starts a session and resolves when it can take a turn.
   * Rejects with `PoolError`: `CLAUDE_NOT_FOUND`, `CLAUDE_AUTH`, `CLAUDE_PROTOCOL`, `INVALID_OPTIONS`, `TIMEOUT`.
   */
  open(launch: SessionLaunch, options: { readonly signal: AbortSignal }): Promise<ClaudeSession>;
  /** Finds out what became of an attempt whose process is gone. */
  examine?(attempt: AttemptTrace, options: { readonly signal: AbortSignal }): Promise<Finding>;
}

/** A folder of its own, as a session finds it. */
export interface Room {
  readonly path: string;
  /** The session's process is gone. */
  leave(): void;
}

/** The port behind which sessions have folders of their own. What fails rejects with `WORKTREE`. */
export interface Rooms {
  /** `isShared`: tasks that have nothing to do with each other take turns in it. */
  enter(
    room: { readonly id: string; readonly isShared: boolean },
    options: { readonly signal: AbortSignal },
  ): Promise<Room>;
  /** Makes a room ready for an attempt. Resolves with the paths of what is not committed and therefore not there. */
  begin(
    id: string,
    attempt: TurnAttempt,
    options: { readonly signal: AbortSignal },
  ): Promise<readonly string[]>;
  /** Saves what an attempt has left, and tells what it is. */
  end(id: string, attempt: TurnAttempt): Promise<WorkReport>;
}

/** Changes that become durable together. */
export interface StoreBatch {
  /** Tasks as they are after the changes. */
  readonly tasks: readonly TaskView[];
  readonly chains: readonly ChainView[];
  readonly events: readonly PoolEvent[];
}

/** The port behind which a pool's state survives it. */
export interface Store {
  /** Atomic, and durable when it resolves. Called again only after that. */
  commit(batch: StoreBatch): Promise<void>;
  close(): Promise<void>;
}
