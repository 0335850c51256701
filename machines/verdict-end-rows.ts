import type { ResultEvidence } from './types.ts';
import { ended, messageOf } from './verdict-result.ts';
import type { VerdictRow } from './verdict-row.ts';

/** Ends that mean the same whether the CLI calls them an error or, as with most of these, a success. */
export const END_ROWS: readonly VerdictRow[] = [
  {
    id: 'refusal',
    verdict: 'refused',
    seen: 'stop reason `refusal`',
    when: ended(({ stopReason }) => stopReason === 'refusal'),
    reason: 'The model refused to answer.',
  },
  {
    id: 'context-full',
    verdict: 'contextOverflow',
    seen: 'stop reason `model_context_window_exceeded`; terminal reason `prompt_too_long`, `blocking_limit` or `rapid_refill_breaker`',
    when: ended(
      (result) =>
        result.stopReason === 'model_context_window_exceeded' ||
        isEnd(result, ['prompt_too_long', 'blocking_limit', 'rapid_refill_breaker']),
    ),
    reason: 'The conversation no longer fits the context window.',
  },
  {
    id: 'max-turns',
    verdict: 'maxTurns',
    seen: 'subtype `error_max_turns`; terminal reason `max_turns`',
    when: ended((result) => result.subtype === 'error_max_turns' || isEnd(result, ['max_turns'])),
    reason: 'The task used up its turns.',
  },
  {
    id: 'cli-budget',
    verdict: 'budget',
    seen: 'subtype `error_max_budget_usd`; terminal reason `budget_exhausted`',
    when: ended((result) => result.subtype === 'error_max_budget_usd' || isEnd(result, ['budget_exhausted'])),
    reason: 'The CLI stopped at its own spending cap.',
  },
  {
    id: 'schema-unmet',
    verdict: 'incomplete',
    seen: 'subtype `error_max_structured_output_retries`; terminal reason `structured_output_retry_exhausted`',
    when: ended(
      (result) =>
        result.subtype === 'error_max_structured_output_retries' ||
        isEnd(result, ['structured_output_retry_exhausted']),
    ),
    reason: 'The model did not satisfy the JSON Schema.',
  },
  {
    id: 'output-cut',
    verdict: 'incomplete',
    seen: 'stop reason `max_tokens`; an error that says `output token maximum`',
    when: ended(
      (result) => result.stopReason === 'max_tokens' || /output token maximum/i.test(errorTextOf(result)),
    ),
    reason: 'The answer was cut off at the maximum of output tokens.',
  },
  {
    id: 'tool-call-malformed',
    verdict: 'incomplete',
    seen: 'terminal reason `malformed_tool_use_exhausted`; an error that says `tool call could not be parsed`',
    when: ended(
      (result) =>
        isEnd(result, ['malformed_tool_use_exhausted']) ||
        /tool call could not be parsed/i.test(errorTextOf(result)),
    ),
    reason: 'The model called a tool in a way that cannot be read.',
  },
  {
    id: 'hook-stopped',
    verdict: 'incomplete',
    seen: 'terminal reason `stop_hook_prevented` or `hook_stopped`',
    when: ended((result) => isEnd(result, ['stop_hook_prevented', 'hook_stopped'])),
    reason: 'A hook of Claude Code stopped the turn.',
    except: { retry: false, move: 'operator' },
  },
  {
    id: 'tool-deferred',
    verdict: 'incomplete',
    seen: 'terminal reason `tool_deferred` or `tool_deferred_unavailable`',
    when: ended((result) => isEnd(result, ['tool_deferred', 'tool_deferred_unavailable'])),
    reason: 'A hook deferred a tool call, and nobody answers it.',
    except: { retry: false, move: 'operator' },
  },
  {
    id: 'turn-not-begun',
    verdict: 'incomplete',
    seen: 'terminal reason `turn_setup_failed`',
    when: ended((result) => isEnd(result, ['turn_setup_failed'])),
    reason: 'The CLI could not begin the turn.',
  },
  {
    id: 'backgrounded',
    verdict: 'incomplete',
    seen: 'terminal reason `background_requested`',
    when: ended((result) => isEnd(result, ['background_requested'])),
    reason: 'The turn was sent to the background.',
  },
  {
    id: 'aborted',
    verdict: 'incomplete',
    seen: 'terminal reason `aborted_streaming` or `aborted_tools`, and the pool had not interrupted',
    when: ended((result) => isEnd(result, ['aborted_streaming', 'aborted_tools'])),
    reason: 'The turn was interrupted, and not by the pool.',
  },
];

function isEnd({ terminalReason = '' }: ResultEvidence, reasons: readonly string[]): boolean {
  return reasons.includes(terminalReason);
}

/** An answer may speak of such errors without being one. */
function errorTextOf(result: ResultEvidence): string {
  return result.isError ? messageOf(result) : '';
}
