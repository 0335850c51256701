import type { ResultEvidence } from './types.ts';
import { answered } from './verdict-result.ts';
import type { VerdictRow } from './verdict-row.ts';

/** Results that the CLI calls a success: `subtype: "success"` and `is_error: false`. */
export const ANSWER_ROWS: readonly VerdictRow[] = [
  {
    id: 'open-tasks',
    verdict: 'incomplete',
    seen: 'an answer, with background tasks still open',
    when: answered((_, { openTasks = 0 }) => openTasks > 0),
    reason: 'Background tasks were still open when the answer came.',
  },
  {
    id: 'no-structure',
    verdict: 'incomplete',
    seen: 'an answer without structured output, though a JSON Schema was asked for',
    when: answered(
      ({ structuredOutput }, { schemaAsked }) => schemaAsked === true && structuredOutput === undefined,
    ),
    reason: 'A JSON Schema was asked for, and the answer has no structured output.',
  },
  {
    id: 'unasked',
    verdict: 'incomplete',
    seen: 'an answer after no turn of the model, as commands give it',
    when: answered(({ turns }) => turns === 0),
    reason: 'The CLI answered by itself, and the model was never asked.',
  },
  {
    id: 'empty',
    verdict: 'incomplete',
    seen: 'an answer without text and without structured output',
    when: answered(({ text = '', structuredOutput }) => text.trim() === '' && structuredOutput === undefined),
    reason: 'The answer is empty.',
  },
  {
    id: 'odd-end',
    verdict: 'incomplete',
    seen: 'an answer with a stop reason other than `end_turn` and `stop_sequence` (`tool_use` is good beside structured output), or a terminal reason other than `completed`',
    when: answered((result) => !endedWell(result)),
    reason: 'The answer ended for a reason that is not known to be good.',
  },
  {
    id: 'denials',
    verdict: 'succeededWithDenials',
    seen: 'an answer, with permission denials',
    when: answered(({ denials }) => denials.length > 0),
    reason: 'Claude answered, and was denied at least one tool on the way.',
  },
  {
    id: 'answer',
    verdict: 'succeeded',
    seen: 'any other answer, whatever became of the process',
    when: answered(() => true),
    reason: 'Claude answered.',
  },
];

const GOOD_STOP_REASONS: ReadonlySet<string> = new Set(['end_turn', 'stop_sequence']);

function endedWell({ stopReason, terminalReason = 'completed', structuredOutput }: ResultEvidence): boolean {
  const stoppedWell =
    stopReason === undefined ||
    GOOD_STOP_REASONS.has(stopReason) ||
    (stopReason === 'tool_use' && structuredOutput !== undefined);
  return stoppedWell && terminalReason === 'completed';
}
