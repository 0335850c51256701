/**
 * What the fakes answer. One script drives the fake Messages API (behind the real CLI) and the fake Claude alike,
 * so one test can run on both. A rule is chosen by the text of the prompt, never by order of arrival:
 * many sessions can share a script.
 */
export interface Script {
  readonly rules: readonly Rule[];
  /** Played when no rule matches. @default [{ echo: true }] */
  readonly otherwise?: readonly Answer[];
}

/** What is answered to which prompts. */
export interface Rule {
  /** The rule plays when the prompt contains this text. */
  readonly when: string;
  /** The rule plays this many times, then later rules are asked. @default unlimited */
  readonly times?: number;
  /** One answer per API request of the turn; the last one is repeated. */
  readonly answers: readonly Answer[];
}

/** One answer of the model, or one fault. */
export type Answer = Message | ApiFault | CliFault;

/** The model answers. */
export interface Message {
  /** Streamed in these pieces. */
  readonly text?: string | readonly string[];
  /** The answer is `echo: ` and the prompt. */
  readonly echo?: boolean;
  /** The turn goes on with the next answer once the tool has run. */
  readonly toolUse?: { readonly name: string; readonly input: Readonly<Record<string, unknown>> };
  /** Waits this long before the first byte. */
  readonly delayMs?: number;
  /** Waits this long between two pieces of text. */
  readonly pieceDelayMs?: number;
  readonly usage?: Usage;
  /** @default 'end_turn', or 'tool_use' with a tool */
  readonly stopReason?: string;
}

/** Token counts as the Messages API reports them. */
export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
}

/** The API refuses the request. */
export interface ApiFault {
  readonly status: 400 | 401 | 403 | 404 | 413 | 429 | 500 | 529;
  /** Text of the error. @default what the API says for that status */
  readonly message?: string;
  /** Sent as `retry-after`, in seconds. */
  readonly retryAfter?: number;
  /** When a usage limit is lifted; sent as `anthropic-ratelimit-unified-reset`. Epoch milliseconds. */
  readonly resetsAt?: number;
}

/** The API or the process misbehaves. */
export type CliFault =
  /** The connection is cut: before a byte, or in the middle of the stream. API only. */
  | { readonly drop: 'before' | 'midStream' }
  /** No byte ever. On the fake Claude: silent, but control requests are answered. */
  | { readonly silence: true }
  /** The rest is for the fake Claude only. The process ends, without cleaning up. */
  | {
      readonly crash: 'beforeResult' | 'midStream' | 'afterResult';
      readonly exitCode?: number;
      readonly stderr?: string;
    }
  /** Neither answers nor hears control requests, and ignores SIGTERM. `afterResult`: the result is printed first. */
  | { readonly hang: 'beforeResult' | 'afterResult' }
  /** Starts `sleep` in a session of its own that outlives the process, then answers. */
  | { readonly grandchild: true; readonly seconds?: number }
  /** Prints a line that is not JSON, then answers. */
  | { readonly malformedLine: string }
  /** Prints one valid line of this many bytes, then answers. */
  | { readonly hugeLineBytes: number }
  /** Prints a result line with these fields instead of an ordinary one. */
  | { readonly result: Readonly<Record<string, unknown>> };
