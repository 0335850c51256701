import { fromCallback } from 'xstate';
import type {
  AttemptReport,
  Effort,
  Message,
  Micros,
  SessionLaunch,
  SessionPolicy,
  SessionSettings,
  Timestamp,
  WorkReport,
} from './types.ts';

/** What a slot is asked to run. */
export interface SlotRequest {
  readonly taskId: string;
  readonly generation: number;
  readonly prompt: string;
  readonly settings?: SessionSettings;
  readonly session?: SessionPolicy;
  /** The turn is interrupted when its spend passes this. */
  readonly capMicros?: Micros;
  readonly timeoutMs?: number;
  readonly silenceMs?: number;
  /** Notes that are delivered with the prompt. */
  readonly messages?: readonly Message[];
  /** What the task has done so far. */
  readonly work?: WorkReport;
  /** Its first word is waited for. */
  readonly isProbe?: true;
}

/** One turn, as a session is told to run it. */
export interface SessionTurn {
  readonly taskId: string;
  readonly generation: number;
  readonly prompt: string;
  readonly model?: string;
  readonly effort?: Effort;
  readonly capMicros?: Micros;
  readonly timeoutMs?: number;
  readonly silenceMs?: number;
  /** What the task has done so far. */
  readonly work?: WorkReport;
  /** The session tells when Claude begins to answer. */
  readonly isProbe?: true;
}

/** What a slot tells its session. */
export type SessionCommand =
  | { readonly type: 'session.run'; readonly turn: SessionTurn }
  | { readonly type: 'session.interrupt' }
  | { readonly type: 'session.clear' }
  | { readonly type: 'session.close' };

/** What a session tells its slot. */
export type SessionFact =
  | SessionOpened
  | SessionAnswered
  | SessionSettled
  | { readonly type: 'session.cleared'; readonly at: Timestamp }
  | SessionEnded;

export interface SessionOpened {
  readonly type: 'session.opened';
  readonly at: Timestamp;
  readonly version: string;
  readonly pid?: number;
}

/** Claude has begun to answer the turn. */
export interface SessionAnswered {
  readonly type: 'session.answered';
  readonly at: Timestamp;
}

export interface SessionSettled {
  readonly type: 'session.settled';
  readonly report: AttemptReport;
  readonly at: Timestamp;
  /** Random number in [0, 1). */
  readonly chance: number;
}

/** The session's process is gone, or never came: closed, crashed, or refused to open. */
export interface SessionEnded {
  readonly type: 'session.ended';
  readonly at: Timestamp;
  readonly chance: number;
  /** A code of `PoolError`, when the session could not be opened. */
  readonly code?: string;
  readonly message: string;
}

/** What a session is opened with. */
export interface SessionInput {
  readonly launch: SessionLaunch;
}

/** Port: one Claude session. Opens at once, obeys `SessionCommand`, answers with `SessionFact`. */
export const session = fromCallback<SessionCommand, SessionInput>(() => {
  throw new Error('Expected the port `session` to be provided with `.provide({ actors: { session } })`.');
});

/** What the pool tells its alarm. */
export type AlarmCommand =
  /** Ring at that time. Replaces what was set before. */
  { readonly type: 'alarm.set'; readonly at: Timestamp } | { readonly type: 'alarm.clear' };

/** The time of the alarm has come. */
export interface AlarmRang {
  readonly type: 'alarm.rang';
  readonly at: Timestamp;
}

/** Port: the one timer of a pool. */
export const alarm = fromCallback<AlarmCommand>(() => {
  throw new Error('Expected the port `alarm` to be provided with `.provide({ actors: { alarm } })`.');
});
