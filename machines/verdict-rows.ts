import type { Evidence, ResultEvidence } from './types.ts';
import type { VerdictName } from './verdict-types.ts';

export interface VerdictRow {
  readonly verdict: VerdictName;
  readonly reason: string;
  readonly when: (evidence: Evidence) => boolean;
  /** Present where a row departs from its verdict's entry in `VERDICTS`. */
  readonly counts?: boolean;
}

/** The table, first match wins. An answer that is complete counts even when the attempt was ended afterwards. */
export const VERDICT_ROWS: readonly VerdictRow[] = [
  ...rowsOfAnswers(),
  ...rowsOfInterruptions(),
  ...rowsOfOpening(),
  ...rowsOfErrors(),
  {
    verdict: 'crashed',
    reason: 'The process ended without a result.',
    when: ({ exit }) => exit !== undefined,
  },
];

function rowsOfAnswers(): readonly VerdictRow[] {
  return [
    {
      verdict: 'refused',
      reason: 'The model refused to answer.',
      when: answered(({ stopReason }) => stopReason === 'refusal'),
    },
    {
      verdict: 'contextOverflow',
      reason: 'The conversation no longer fits the context window.',
      when: answered(
        ({ stopReason, terminalReason }) =>
          stopReason === 'model_context_window_exceeded' || OVERFLOW_REASONS.has(terminalReason ?? ''),
      ),
    },
    {
      verdict: 'incomplete',
      reason: 'The answer was cut off at the maximum of output tokens.',
      when: answered(({ stopReason }) => stopReason === 'max_tokens'),
    },
    {
      verdict: 'incomplete',
      reason: 'Background tasks were still open when the answer came.',
      when: answered((_, { openTasks = 0 }) => openTasks > 0),
    },
    {
      verdict: 'incomplete',
      reason: 'A JSON Schema was asked for, and the answer has no structured output.',
      when: answered(
        ({ structuredOutput }, { schemaAsked }) => schemaAsked === true && structuredOutput === undefined,
      ),
    },
    {
      verdict: 'incomplete',
      reason: 'The answer is empty.',
      when: answered(
        ({ text = '', structuredOutput }) => text.trim() === '' && structuredOutput === undefined,
      ),
    },
    {
      verdict: 'incomplete',
      reason: 'The answer ended for a reason that is not known to be good.',
      when: answered((result) => !endedWell(result)),
    },
    {
      verdict: 'succeededWithDenials',
      reason: 'Claude answered, and was denied at least one tool on the way.',
      when: answered(({ denials }) => denials.length > 0),
    },
    { verdict: 'succeeded', reason: 'Claude answered.', when: answered(() => true) },
  ];
}

function rowsOfInterruptions(): readonly VerdictRow[] {
  return [
    {
      verdict: 'cancelled',
      reason: 'The attempt was cancelled.',
      when: ({ interruption }) => interruption === 'cancelled',
    },
    {
      verdict: 'budget',
      reason: 'The attempt reached its spending cap and was interrupted.',
      when: ({ interruption }) => interruption === 'budget',
    },
    {
      verdict: 'rateLimited',
      reason: 'The API answered with a usage limit.',
      when: ({ interruption }) => interruption === 'rateLimited',
    },
    {
      verdict: 'auth',
      reason: 'The API refused the credentials. Log in with `claude` or set `ANTHROPIC_API_KEY`.',
      when: ({ interruption }) => interruption === 'auth',
    },
    {
      verdict: 'hung',
      reason: 'The attempt passed its time limit.',
      when: ({ interruption }) => interruption === 'timeout',
    },
    {
      verdict: 'hung',
      reason: 'The process fell silent and did not answer a ping.',
      when: ({ interruption }) => interruption === 'silence',
    },
  ];
}

function rowsOfOpening(): readonly VerdictRow[] {
  return [
    {
      verdict: 'auth',
      reason: 'The session could not be opened: Claude needs a login.',
      when: ({ openError }) => openError?.code === 'CLAUDE_AUTH',
    },
    {
      verdict: 'invalidRequest',
      reason: 'The session could not be opened with these options.',
      when: ({ openError }) => openError?.code === 'INVALID_OPTIONS',
    },
    {
      verdict: 'crashed',
      reason: 'The session was lost before the prompt was sent.',
      when: ({ openError }) => openError?.code === 'CRASHED',
      counts: false,
    },
    {
      verdict: 'crashed',
      reason: 'The session could not be opened.',
      when: ({ openError }) => openError !== undefined,
    },
  ];
}

function rowsOfErrors(): readonly VerdictRow[] {
  return [
    {
      verdict: 'refused',
      reason: 'The model refused to answer.',
      when: failed(({ stopReason }) => stopReason === 'refusal'),
    },
    {
      verdict: 'maxTurns',
      reason: 'The task used up its turns.',
      when: failed(
        ({ subtype, terminalReason }) => subtype === 'error_max_turns' || terminalReason === 'max_turns',
      ),
    },
    {
      verdict: 'budget',
      reason: 'The CLI stopped at its own spending cap.',
      when: failed(
        ({ subtype, terminalReason }) =>
          subtype === 'error_max_budget_usd' || terminalReason === 'budget_exhausted',
      ),
    },
    {
      verdict: 'incomplete',
      reason: 'The model did not satisfy the JSON Schema.',
      when: failed(({ subtype }) => subtype === 'error_max_structured_output_retries'),
    },
    {
      verdict: 'auth',
      reason: 'Claude is not logged in. Log in with `claude` or set `ANTHROPIC_API_KEY`.',
      when: failed((result) => /not logged in|please run \/login|invalid api key/i.test(messageOf(result))),
    },
    {
      verdict: 'auth',
      reason: 'The API refused the credentials. Log in with `claude` or set `ANTHROPIC_API_KEY`.',
      when: failed((result, evidence) => [401, 403].includes(statusOf(result, evidence))),
    },
    {
      verdict: 'rateLimited',
      reason: 'The API answered with a usage limit.',
      when: failed((result, evidence) => statusOf(result, evidence) === 429),
    },
    {
      verdict: 'contextOverflow',
      reason: 'The request is larger than the model takes.',
      when: failed(
        (result, evidence) =>
          statusOf(result, evidence) === 413 ||
          OVERFLOW_REASONS.has(result.terminalReason ?? '') ||
          /prompt is too long|context window|too many tokens/i.test(messageOf(result)),
      ),
    },
    {
      verdict: 'overloaded',
      reason: 'The API is overloaded or failing.',
      when: failed(
        (result, evidence) => statusOf(result, evidence) >= 500 || /overloaded/i.test(messageOf(result)),
      ),
    },
    {
      verdict: 'invalidRequest',
      reason: 'The API refused the request.',
      when: failed((result, evidence) => statusOf(result, evidence) >= 400),
    },
    {
      verdict: 'overloaded',
      reason: 'The API could not be reached.',
      when: failed((result) => /unable to connect|timed out|connection/i.test(messageOf(result))),
    },
    {
      verdict: 'incomplete',
      reason: 'The conversation to resume is not there.',
      when: failed((result) => /no conversation found/i.test(messageOf(result))),
    },
  ];
}

type ResultTest = (result: ResultEvidence, evidence: Evidence) => boolean;

function answered(test: ResultTest): VerdictRow['when'] {
  return (evidence) => isAnswer(evidence.result) && test(evidence.result, evidence);
}

function failed(test: ResultTest): VerdictRow['when'] {
  return (evidence) => evidence.result !== undefined && test(evidence.result, evidence);
}

const OVERFLOW_REASONS: ReadonlySet<string> = new Set([
  'prompt_too_long',
  'blocking_limit',
  'rapid_refill_breaker',
]);
const GOOD_STOP_REASONS: ReadonlySet<string> = new Set(['end_turn', 'stop_sequence']);

export function isAnswer(result: ResultEvidence | undefined): result is ResultEvidence {
  return result?.subtype === 'success' && !result.isError;
}

function endedWell({ stopReason, terminalReason = 'completed', structuredOutput }: ResultEvidence): boolean {
  const stoppedWell =
    stopReason === undefined ||
    GOOD_STOP_REASONS.has(stopReason) ||
    (stopReason === 'tool_use' && structuredOutput !== undefined);
  return stoppedWell && terminalReason === 'completed';
}

/** The status of the result itself; the last retry's only where the CLI gives none (a 529 in 2.1.197). */
function statusOf({ apiErrorStatus }: ResultEvidence, { lastRetryStatus }: Evidence): number {
  return apiErrorStatus ?? lastRetryStatus ?? 0;
}

export function messageOf({ text = '', errors }: ResultEvidence): string {
  return [text, ...errors].filter((line) => !line.startsWith('[ede_diagnostic]')).join('\n');
}
