import { sayUser } from './fake-claude-lines.ts';
import type { ApiRefusal } from './fake-claude-api-fault.ts';
import type { FakeProcess } from './fake-claude-process.ts';
import type { TurnEnd } from './fake-claude-result.ts';
import { noTokens } from './fake-claude-tokens.ts';
import type { FakeTurn } from './fake-claude-turn-state.ts';

const stoppedTool =
  "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, " +
  'the new_string was NOT written to the file). STOP what you are doing and wait for the user to tell you how to proceed.';

/** The model has answered. */
export function answeredEnd(
  turn: FakeTurn,
  { text, structuredOutput }: { text: string; structuredOutput?: unknown },
): TurnEnd {
  return {
    ...common(turn),
    subtype: 'success',
    isError: false,
    text,
    terminalReason: 'completed',
    ...(structuredOutput === undefined ? {} : { structuredOutput, turns: turn.answers + 1 }),
  };
}

/** The API has refused. Its subtype is still `success`. */
export function refusedEnd(turn: FakeTurn, { text, apiErrorStatus, terminalReason }: ApiRefusal): TurnEnd {
  return {
    ...common(turn),
    subtype: 'success',
    isError: true,
    text,
    ...(apiErrorStatus === undefined ? {} : { apiErrorStatus }),
    stopReason: 'stop_sequence',
    terminalReason,
    turns: turn.answers + 1,
  };
}

/** The turn was interrupted. */
export function abortedEnd(claude: FakeProcess, turn: FakeTurn): TurnEnd {
  const { runningTool } = turn;
  if (runningTool !== undefined) {
    sayUser(
      claude,
      { type: 'tool_result', content: stoppedTool, is_error: true, tool_use_id: runningTool.id },
      { tool_use_result: 'User rejected tool use' },
    );
  }
  const marker = runningTool === undefined ? '' : ' for tool use';
  sayUser(claude, { type: 'text', text: `[Request interrupted by user${marker}]` });
  const stopReason = runningTool === undefined ? null : 'tool_use';
  return {
    ...common(turn),
    subtype: 'error_during_execution',
    isError: true,
    errors: [`[ede_diagnostic] result_type=user last_content_type=n/a stop_reason=${stopReason}`],
    stopReason,
    terminalReason: runningTool === undefined ? 'aborted_streaming' : 'aborted_tools',
    turns: turn.answers + 2,
    ...(turn.answers === 0 ? { tokens: noTokens } : {}),
  };
}

/** The model wants another tool and may not. */
export function maxTurnsEnd(turn: FakeTurn, maxTurns: number): TurnEnd {
  return {
    ...common(turn),
    subtype: 'error_max_turns',
    isError: true,
    errors: [`Reached maximum number of turns (${maxTurns})`],
    terminalReason: 'max_turns',
    turns: turn.answers + 1,
  };
}

/** The CLI's own budget is spent. An answer that came with the last request is lost. */
export function maxBudgetEnd(claude: FakeProcess, turn: FakeTurn): TurnEnd {
  return {
    ...common(turn),
    subtype: 'error_max_budget_usd',
    isError: true,
    errors: [`Reached maximum budget ($${claude.options.maxBudgetUsd})`],
    ...(claude.isOld ? {} : { terminalReason: 'budget_exhausted' }),
  };
}

function common({
  answers,
  tokens,
  denials,
  stopReason,
}: FakeTurn): Pick<TurnEnd, 'turns' | 'tokens' | 'denials' | 'stopReason'> {
  return { turns: answers, tokens, denials, stopReason };
}
