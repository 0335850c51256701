import type { ChainView } from '../machines/chain-shelf.ts';
import type { TaskView } from '../machines/directory.ts';
import type { Finding } from '../machines/recovery.ts';
import type { AttemptReport, Effort, Micros, ProcessExit, SessionLaunch } from '../machines/types.ts';
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
}

/** Something that a turn does besides streaming text: shown as progress. */
export type TurnActivity =
  | { readonly type: 'sent' }
  | { readonly type: 'toolUse'; readonly name: string }
  | { readonly type: 'retry'; readonly status: number | undefined; readonly delayMs: number }
  | { readonly type: 'malformedLine'; readonly excerpt: string };

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

/**
 * One conversation in one long-lived process. One turn at a time.
 */
export interface ClaudeSession {
  readonly pid: number | undefined;
  /** Version of the CLI, such as `2.1.330`. */
  readonly version: string;
  /** Id of the conversation, known before its first prompt; changes with `clear`. */
  readonly sessionId: string | undefined;
  /** Settles when the process is gone, whoever ended it. Never rejects. */
  readonly exited: Promise<SessionExit>;
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

/** The port behind which Claude lives. */
export interface ClaudeDriver {
  /**
   * Starts a session and resolves when it can take a turn.
   * Rejects with `PoolError`: `CLAUDE_NOT_FOUND`, `CLAUDE_AUTH`, `CLAUDE_PROTOCOL`, `INVALID_OPTIONS`, `TIMEOUT`.
   */
  open(launch: SessionLaunch, options: { readonly signal: AbortSignal }): Promise<ClaudeSession>;
  /** Finds out what became of an attempt whose process is gone. */
  examine?(attempt: AttemptTrace, options: { readonly signal: AbortSignal }): Promise<Finding>;
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
