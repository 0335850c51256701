/** Integer millionths of a US dollar. All money inside claude-pool is in this unit. */
export type Micros = number;

export const MICROS_PER_USD = 1_000_000;

/** Milliseconds since the epoch. */
export type Timestamp = number;

/** How hard Claude thinks. */
export type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** What Claude may do unasked. `docs/security.md` says what each lets it do. */
export type PermissionMode = 'default' | 'acceptEdits' | 'auto' | 'bypassPermissions' | 'dontAsk' | 'plan';

/** What a Claude session is started with. Two equal settings can share one process. */
export interface SessionSettings {
  readonly model?: string;
  readonly effort?: Effort;
  readonly permissionMode?: PermissionMode;
  /** Replaces Claude Code's own system prompt. */
  readonly systemPrompt?: string;
  /** Added after Claude Code's own system prompt. */
  readonly appendSystemPrompt?: string;
  /** Agentic turns that one prompt may take. */
  readonly maxTurns?: number;
  /** The built-in tools that exist at all. `[]` means none. */
  readonly tools?: readonly string[];
  readonly allowedTools?: readonly string[];
  readonly disallowedTools?: readonly string[];
  readonly mcpServers?: Readonly<Record<string, unknown>>;
  /** JSON Schema that the answer must satisfy. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>;
  readonly cwd?: string;
  /** The folder of its own that it works in: `'slot'` for the slot's, else the id of a task or chain. */
  readonly workspace?: string;
}

/** Whose folder a task works in. */
export type WorkspaceScope = 'slot' | 'task' | 'chain';

/** A file that was changed, and by how much. */
export interface FileChange {
  readonly path: string;
  /** Lines; `undefined` for a binary file. */
  readonly added: number | undefined;
  readonly deleted: number | undefined;
}

/** What was done in a workspace since its base. */
export interface WorkReport {
  /** Id of the slot, task or chain whose workspace it is. */
  readonly id: string;
  readonly path: string;
  /** Short name. It goes with the workspace; `preservedRef` stays. */
  readonly branch: string;
  /** The commit that the work is compared with. */
  readonly base: string;
  /** Since the base, oldest first; the last 200 of them. */
  readonly commits: readonly string[];
  /** Against the base, with what is not committed; the first 500 of them. */
  readonly filesChanged: readonly FileChange[];
  /** Such as ` 2 files changed, 3 insertions(+)`, with a line for each file before it. */
  readonly diffStat: string;
  /** Something is not committed. */
  readonly dirty: boolean;
  /** Where the work is saved, if there is any that no branch of yours reaches. */
  readonly preservedRef?: string;
  /** Paths of uncommitted changes in the main checkout, which the workspace lacks; the first 100 of them. */
  readonly missing: readonly string[];
}

/** What one session is opened with. */
export interface SessionLaunch extends SessionSettings {
  /** Names the slot that owns the session; it marks the process and all its descendants. */
  readonly slotId: string;
  /** Continue a stored conversation, or a copy of it. */
  readonly resume?: { readonly sessionId: string; readonly fork: boolean };
}

/** What a task's prompt continues: the slot's conversation, a new one, or one with a known id. */
export type SessionPolicy = 'resume' | 'fresh' | { readonly resume: string } | { readonly fork: string };

/** Who a slot is. It stands in the system prompt of its tasks. */
export interface SlotIdentity {
  readonly name?: string;
  readonly role?: string;
  readonly description?: string;
}

/** What a slot is started with. */
export interface SlotSpec extends SlotIdentity {
  /** Cap on what the slot spends in its life. */
  readonly capMicros?: Micros;
}

/** A note for a slot; it is delivered with the prompt of the slot's next task. */
export interface Message {
  readonly id: string;
  /** Who wrote it: a slot's id, or any other name. */
  readonly from: string;
  /** Id of the slot that gets it. */
  readonly to: string;
  readonly text: string;
  readonly at: Timestamp;
}

/** Which slot a task asks for. A task without a wish takes any slot. */
export type SlotWish = { readonly id: string } | { readonly name: string } | { readonly role: string };

/** Tokens, as the CLI counts them. */
export interface TokensUsed {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

export const NO_TOKENS: TokensUsed = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** A tool that Claude wanted and was not allowed. */
export interface PermissionDenial {
  readonly toolName: string;
  readonly toolUseId: string;
}

/** The `result` line of the CLI, as far as a verdict needs it. */
export interface ResultEvidence {
  readonly subtype: string;
  readonly isError: boolean;
  readonly apiErrorStatus?: number;
  readonly terminalReason?: string;
  readonly stopReason?: string;
  /** The answer, or the CLI's own text of an error. */
  readonly text?: string;
  readonly errors: readonly string[];
  readonly turns: number;
  readonly denials: readonly PermissionDenial[];
  readonly structuredOutput?: unknown;
}

/** How a process ended: by itself, or by a signal. */
export interface ProcessExit {
  readonly code?: number;
  readonly signal?: string;
}

/** Why the pool itself ended an attempt. */
export type Interruption = 'cancelled' | 'timeout' | 'silence' | 'budget' | 'rateLimited' | 'auth';

/** All that was seen of one attempt. `verdictOf` reads nothing else. */
export interface Evidence {
  readonly result?: ResultEvidence;
  /** Present when the process ended during the attempt. */
  readonly exit?: ProcessExit;
  /** Present when the session could not be opened for the attempt. */
  readonly openError?: { readonly code: string; readonly message: string };
  readonly interruption?: Interruption;
  /** HTTP status of the last `api_retry` line. */
  readonly lastRetryStatus?: number;
  /** When a usage limit is lifted, where the API said so. */
  readonly resetsAt?: Timestamp;
  readonly schemaAsked?: boolean;
  /** Background tasks that were still open when the attempt ended. */
  readonly openTasks?: number;
}

/** What one attempt did and cost. */
export interface AttemptReport {
  readonly evidence: Evidence;
  readonly spend: Micros;
  /** True when a part of `spend` could not be read from the CLI and is an estimate. */
  readonly spendEstimated: boolean;
  readonly tokensUsed: TokensUsed;
  readonly model?: string;
  readonly sessionId?: string;
  /** Size of the conversation after the attempt, in tokens. Absent when the model has not answered. */
  readonly contextTokens?: number;
  /** Resident memory of the CLI's own process after the attempt. Absent where it cannot be read. */
  readonly residentBytes?: number;
  readonly durationMs: number;
  /** The last lines that the CLI wrote to stderr. */
  readonly stderrTail?: string;
  /** Text that was streamed before the attempt ended without a result. */
  readonly partialText?: string;
  /** What the attempt left in its workspace, when it had one. */
  readonly workspace?: WorkReport;
}
