import type { SessionFact, SlotRequest } from './port.ts';
import type {
  AttemptReport,
  Message,
  SessionLaunch,
  SessionSettings,
  SlotIdentity,
  Timestamp,
} from './types.ts';
import type { Verdict } from './verdict-types.ts';

/** How a slot treats its conversation and its process. */
export interface SlotPolicy {
  /** What a task continues when it does not say. */
  readonly session: 'resume' | 'fresh';
  /** Crashes within the window that a slot recovers from. */
  readonly maxRestarts: number;
  readonly restartWindowMs: number;
  readonly restartBackoffMs: number;
  /** Turns after which the process is replaced: it grows with each. */
  readonly maxProcessTurns: number;
  /** Resident memory above which the process is replaced. @default no limit */
  readonly maxResidentBytes?: number;
  /** Tasks, and tokens, after which a conversation is given up for a new one. @default no limit */
  readonly maxSessionTasks?: number;
  readonly maxSessionTokens?: number;
}

/** What a slot is started with. */
export interface SlotInput {
  readonly id: string;
  readonly settings: SessionSettings;
  readonly identity: SlotIdentity;
  readonly shared: Readonly<Record<string, string>>;
  readonly policy: SlotPolicy;
  /** Messages that wait for the first task. @default none */
  readonly inbox?: readonly Message[];
}

/** What a slot knows. */
export interface SlotContext extends SlotInput {
  /** What the live process was opened with. */
  readonly launch: SessionLaunch;
  /** What a process is opened with for a task that has no settings of its own. */
  readonly base: SessionLaunch;
  /** Size of the conversation. */
  readonly conversationTurns: number;
  readonly conversationTokens: number;
  /** Age of the process. */
  readonly processTurns: number;
  readonly residentBytes: number;
  /** Messages that were not delivered yet. */
  readonly inbox: readonly Message[];
  readonly request?: SlotRequest | undefined;
  readonly version?: string | undefined;
  readonly pid?: number | undefined;
  /** The live conversation, when its id is known. */
  readonly sessionId?: string | undefined;
  readonly restarts: readonly Timestamp[];
  readonly failure?: SlotFailure | undefined;
}

/** The slot that has stopped. */
export interface SlotOutput {
  readonly slotId: string;
}

/** Why a slot has failed, or was restarted. */
export interface SlotFailure {
  readonly code: string;
  readonly message: string;
}

/** What a slot hears: commands, and what its session says. */
export type SlotEvent =
  | { readonly type: 'slot.assign'; readonly request: SlotRequest; readonly at: Timestamp }
  | SlotInterrupt
  | { readonly type: 'slot.configure'; readonly identity: SlotIdentity; readonly at: Timestamp }
  | { readonly type: 'slot.share'; readonly shared: Readonly<Record<string, string>>; readonly at: Timestamp }
  /** Gives up its conversation, which is wanted elsewhere. */
  | { readonly type: 'slot.forget'; readonly at: Timestamp }
  | { readonly type: 'slot.drain'; readonly at: Timestamp }
  | { readonly type: 'message.received'; readonly message: Message; readonly at: Timestamp }
  | { readonly type: 'messages.read'; readonly ids: readonly string[]; readonly at: Timestamp }
  | SessionFact;

/** Meant for one attempt of one task only. */
export interface SlotInterrupt {
  readonly type: 'slot.interrupt';
  readonly taskId: string;
  readonly generation: number;
  readonly at: Timestamp;
}

/** What a slot tells its parent. */
export type SlotNotice =
  /** In no conversation yet. */
  | { readonly type: 'slot.ready'; readonly slotId: string; readonly at: Timestamp }
  | SlotAnswered
  | SlotSettled
  /** The session of a slot is gone, with the conversation that it held. */
  | { readonly type: 'slot.lost'; readonly slotId: string; readonly at: Timestamp }
  | {
      readonly type: 'slot.failed';
      readonly slotId: string;
      readonly failure: SlotFailure;
      readonly at: Timestamp;
    };

/** Claude has begun to answer the attempt. */
export interface SlotAnswered {
  readonly type: 'slot.answered';
  readonly slotId: string;
  readonly at: Timestamp;
}

/** The attempt of a slot is over: what was seen of it, and the verdict on that. */
export interface SlotSettled {
  readonly type: 'slot.settled';
  readonly slotId: string;
  readonly taskId: string;
  readonly generation: number;
  readonly report: AttemptReport;
  readonly verdict: Verdict;
  readonly at: Timestamp;
  readonly chance: number;
  /** Whether the slot takes the next task at once; else `slot.ready` follows. */
  readonly ready: boolean;
}
