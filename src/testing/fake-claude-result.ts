import { randomUUID } from 'node:crypto';
import type { Tokens } from './fake-api-message.ts';
import { print } from './fake-claude-process.ts';
import type { FakeProcess } from './fake-claude-process.ts';

/** How a turn ended, in the words of the `result` line. */
export interface TurnEnd {
  readonly subtype: string;
  readonly isError: boolean;
  readonly text?: string;
  readonly errors?: readonly string[];
  readonly apiErrorStatus?: number;
  readonly stopReason: string | null;
  readonly terminalReason?: string;
  readonly turns: number;
  readonly tokens: Tokens;
  readonly denials: readonly object[];
  readonly structuredOutput?: unknown;
  /** Fields that stand instead of the ordinary ones. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** What only the caller of a turn knows of it. */
export interface TurnFrame {
  readonly uuids: readonly string[];
  readonly index: number;
  readonly startedAt: number;
}

/** Prints the `result` line in the shape of the version. */
export function printResult(claude: FakeProcess, end: TurnEnd, frame: TurnFrame): void {
  const line = claude.isOld ? oldLine(claude, end, frame) : newLine(claude, end, frame);
  print({ ...line, ...end.fields });
}

function oldLine(claude: FakeProcess, end: TurnEnd, { startedAt }: TurnFrame): object {
  return {
    type: 'result',
    subtype: end.subtype,
    is_error: end.isError,
    ...(end.subtype === 'success' && end.turns > 0 ? { api_error_status: end.apiErrorStatus ?? null } : {}),
    duration_ms: Date.now() - startedAt,
    ...sharedFields(claude, end),
    uuid: randomUUID(),
  };
}

function newLine(claude: FakeProcess, end: TurnEnd, { uuids, index, startedAt }: TurnFrame): object {
  return {
    ...sharedFields(claude, end),
    safety_stops: 0,
    is_error: end.isError,
    subtype: end.subtype,
    ...(end.subtype === 'success' && end.turns > 0 ? { api_error_status: end.apiErrorStatus ?? null } : {}),
    type: 'result',
    duration_ms: Date.now() - startedAt,
    uuid: randomUUID(),
    ...(uuids.length === 0 ? {} : { user_message_uuid: uuids.at(-1), user_message_uuids: uuids }),
    queued_turn_count: 0,
    result_index: index,
    model_usage_since_last_result: claude.ledger.takeSinceLastResult(),
  };
}

function sharedFields({ ledger, conversation, startedAt }: FakeProcess, end: TurnEnd): object {
  return {
    duration_api_ms: Date.now() - startedAt,
    num_turns: end.turns,
    ...(end.text === undefined ? {} : { result: end.text }),
    ...(end.errors === undefined ? {} : { errors: end.errors }),
    stop_reason: end.stopReason,
    session_id: conversation.sessionId,
    total_cost_usd: ledger.totalUsd(),
    usage: usageOf(end.tokens),
    modelUsage: ledger.modelUsage(),
    permission_denials: end.denials,
    ...(end.terminalReason === undefined ? {} : { terminal_reason: end.terminalReason }),
    ...(end.structuredOutput === undefined ? {} : { structured_output: end.structuredOutput }),
    fast_mode_state: 'off',
  };
}

function usageOf(tokens: Tokens): object {
  return {
    input_tokens: tokens.inputTokens,
    cache_creation_input_tokens: tokens.cacheWriteTokens,
    cache_read_input_tokens: tokens.cacheReadTokens,
    output_tokens: tokens.outputTokens,
    server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
    service_tier: 'standard',
  };
}
