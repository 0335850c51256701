import { expect, test } from 'vitest';
import type { Evidence, ResultEvidence } from '../../machines/types.ts';
import { VERDICT_ROWS } from '../../machines/verdict-rows.ts';
import { verdictOf, VERDICTS } from '../../machines/verdict.ts';
import type { VerdictName } from '../../machines/verdict-types.ts';
import { ANSWER, ANSWERED, OUT_OF_TURNS } from './attempt.ts';

interface Case {
  readonly seen: string;
  readonly evidence: Evidence;
  readonly verdict: VerdictName;
}

const CASES: readonly Case[] = [
  { seen: 'a plain answer', evidence: ANSWERED, verdict: 'succeeded' },
  {
    seen: 'an answer with structured output, stopped by its tool',
    evidence: answered({ stopReason: 'tool_use', structuredOutput: { ok: true } }, { schemaAsked: true }),
    verdict: 'succeeded',
  },
  {
    seen: 'structured output without text',
    evidence: answered({ text: '', stopReason: 'tool_use', structuredOutput: [] }, { schemaAsked: true }),
    verdict: 'succeeded',
  },
  {
    seen: 'an answer after which the process died',
    evidence: { ...ANSWERED, exit: { code: 143 } },
    verdict: 'succeeded',
  },
  {
    seen: 'an answer that came while the attempt was cancelled',
    evidence: { ...ANSWERED, interruption: 'cancelled' },
    verdict: 'succeeded',
  },
  {
    seen: 'an answer after a retried 529',
    evidence: { ...ANSWERED, lastRetryStatus: 529 },
    verdict: 'succeeded',
  },
  {
    seen: 'an answer without a stop reason',
    evidence: { result: { ...withoutReasons(), text: 'hi' } },
    verdict: 'succeeded',
  },
  {
    seen: 'an answer with a denied tool',
    evidence: answered({ denials: [{ toolName: 'Write', toolUseId: 'toolu_01' }] }),
    verdict: 'succeededWithDenials',
  },
  { seen: 'an empty answer', evidence: answered({ text: ' \n' }), verdict: 'incomplete' },
  {
    seen: 'an answer that was never sent, as `/clear` gives it',
    evidence: { result: { ...withoutReasons(), turns: 0 } },
    verdict: 'incomplete',
  },
  { seen: 'open background tasks', evidence: answered({}, { openTasks: 2 }), verdict: 'incomplete' },
  {
    seen: 'a schema and no structured output',
    evidence: answered({}, { schemaAsked: true }),
    verdict: 'incomplete',
  },
  {
    seen: 'the maximum of output tokens',
    evidence: answered({ stopReason: 'max_tokens' }),
    verdict: 'incomplete',
  },
  {
    seen: 'a stop reason that nobody knows',
    evidence: answered({ stopReason: 'pause_turn' }),
    verdict: 'incomplete',
  },
  {
    seen: 'a tool call as the end',
    evidence: answered({ stopReason: 'tool_use' }),
    verdict: 'incomplete',
  },
  {
    seen: 'a terminal reason that nobody knows',
    evidence: answered({ terminalReason: 'stop_hook_prevented' }),
    verdict: 'incomplete',
  },
  {
    seen: 'a refusal with exit 0',
    evidence: answered({ stopReason: 'refusal' }),
    verdict: 'refused',
  },
  {
    seen: 'a refusal that is an error',
    evidence: errorOf({ text: 'API Error: refused', stopReason: 'refusal' }),
    verdict: 'refused',
  },
  {
    seen: 'a full context window',
    evidence: answered({ stopReason: 'model_context_window_exceeded' }),
    verdict: 'contextOverflow',
  },
  {
    seen: 'a prompt that is too long, as an answer',
    evidence: answered({ terminalReason: 'prompt_too_long' }),
    verdict: 'contextOverflow',
  },
  {
    seen: '413',
    evidence: errorOf({ apiErrorStatus: 413, text: 'API Error: 413' }),
    verdict: 'contextOverflow',
  },
  {
    seen: 'a prompt that is too long, as an error',
    evidence: errorOf({ apiErrorStatus: 400, text: 'API Error: 400 prompt is too long: 210000 tokens' }),
    verdict: 'contextOverflow',
  },
  {
    seen: 'an interrupt for a cancellation',
    evidence: { ...aborted(), interruption: 'cancelled' },
    verdict: 'cancelled',
  },
  { seen: 'an interrupt at the cap', evidence: { ...aborted(), interruption: 'budget' }, verdict: 'budget' },
  {
    seen: 'an interrupt at the first 429',
    evidence: { ...aborted(), interruption: 'rateLimited', lastRetryStatus: 429 },
    verdict: 'rateLimited',
  },
  {
    seen: 'an interrupt at the first 401',
    evidence: { ...aborted(), interruption: 'auth', lastRetryStatus: 401 },
    verdict: 'auth',
  },
  {
    seen: 'an interrupt at the time limit',
    evidence: { ...aborted(), interruption: 'timeout' },
    verdict: 'hung',
  },
  {
    seen: 'a silent process that was killed',
    evidence: { exit: { signal: 'SIGKILL' }, interruption: 'silence' },
    verdict: 'hung',
  },
  {
    seen: 'a session that needs a login',
    evidence: { openError: { code: 'CLAUDE_AUTH', message: 'Not logged in.' } },
    verdict: 'auth',
  },
  {
    seen: 'a session with bad options',
    evidence: { openError: { code: 'INVALID_OPTIONS', message: 'Unknown flag.' } },
    verdict: 'invalidRequest',
  },
  {
    seen: 'a session that was lost before the prompt',
    evidence: { openError: { code: 'CRASHED', message: 'Gone.' } },
    verdict: 'crashed',
  },
  {
    seen: 'a session that never got ready',
    evidence: { openError: { code: 'TIMEOUT', message: 'No answer.' } },
    verdict: 'crashed',
  },
  { seen: '`error_max_turns`', evidence: OUT_OF_TURNS, verdict: 'maxTurns' },
  {
    seen: '`error_max_budget_usd` of 2.1.197',
    evidence: {
      result: {
        ...withoutReasons(),
        ...errorResult('error_max_budget_usd', 'Reached maximum budget ($1.2)'),
      },
    },
    verdict: 'budget',
  },
  {
    seen: 'an exhausted budget by its terminal reason alone',
    evidence: errorOf({ subtype: 'error_during_execution', terminalReason: 'budget_exhausted' }),
    verdict: 'budget',
  },
  {
    seen: 'five answers that did not fit the schema',
    evidence: errorOf({ subtype: 'error_max_structured_output_retries', text: '' }),
    verdict: 'incomplete',
  },
  {
    seen: 'no API key',
    evidence: errorOf({ text: 'Not logged in · Please run /login' }),
    verdict: 'auth',
  },
  { seen: '401', evidence: errorOf({ apiErrorStatus: 401, text: 'API Error: 401' }), verdict: 'auth' },
  {
    seen: '403',
    evidence: errorOf({ apiErrorStatus: 403, text: 'Failed to authenticate. API Error: 403' }),
    verdict: 'auth',
  },
  { seen: '429', evidence: errorOf({ apiErrorStatus: 429, text: 'API Error: 429' }), verdict: 'rateLimited' },
  {
    seen: '400',
    evidence: errorOf({ apiErrorStatus: 400, text: 'API Error: 400 bad request' }),
    verdict: 'invalidRequest',
  },
  {
    seen: '404',
    evidence: errorOf({ apiErrorStatus: 404, text: "There's an issue with the selected model (x)." }),
    verdict: 'invalidRequest',
  },
  { seen: '500', evidence: errorOf({ apiErrorStatus: 500, text: 'API Error: 500' }), verdict: 'overloaded' },
  {
    seen: '529 without a status, as 2.1.197 tells it',
    evidence: errorOf({ text: 'Repeated 529 Overloaded errors' }),
    verdict: 'overloaded',
  },
  {
    seen: 'no status but that of the last retry',
    evidence: { ...errorOf({ text: 'API Error' }), lastRetryStatus: 503 },
    verdict: 'overloaded',
  },
  {
    seen: 'a refused connection',
    evidence: errorOf({ text: 'API Error: Unable to connect to API (ConnectionRefused)' }),
    verdict: 'overloaded',
  },
  {
    seen: 'a request that timed out',
    evidence: errorOf({ text: 'Request timed out' }),
    verdict: 'overloaded',
  },
  {
    seen: 'a conversation that is not there',
    evidence: {
      result: {
        ...withoutReasons(),
        ...errorResult('error_during_execution', 'No conversation found with session ID: 00000000'),
      },
    },
    verdict: 'incomplete',
  },
  { seen: 'a killed process', evidence: { exit: { signal: 'SIGKILL' } }, verdict: 'crashed' },
  { seen: 'exit 0 and no result', evidence: { exit: { code: 0 } }, verdict: 'crashed' },
  { seen: 'an interrupt that nobody sent', evidence: aborted(), verdict: 'incomplete' },
  { seen: 'a subtype that nobody knows', evidence: answered({ subtype: 'partial' }), verdict: 'incomplete' },
  { seen: 'nothing at all', evidence: {}, verdict: 'incomplete' },
];

test.each(CASES)('$seen is $verdict', ({ evidence, verdict }) => {
  const { name, reason, ...meaning } = verdictOf(evidence);

  expect(name).toBe(verdict);
  expect(reason).not.toBe('');
  expect(meaning).toMatchObject({ ok: VERDICTS[verdict].ok, retry: VERDICTS[verdict].retry });
});

test('every row of the table decides at least one of these cases', () => {
  const deciding = CASES.map(({ evidence }) => VERDICT_ROWS.find((row) => row.when(evidence)));

  expect(VERDICT_ROWS.filter((row) => !deciding.includes(row))).toEqual([]);
});

test('every verdict is given by at least one of these cases', () => {
  const given = new Set(CASES.map(({ evidence }) => verdictOf(evidence).name));

  expect([...given].toSorted()).toEqual(Object.keys(VERDICTS).toSorted());
});

test('nothing but an answer is a success, whatever the exit code', () => {
  const errors = CASES.filter(
    ({ evidence }) => evidence.result?.subtype !== 'success' || evidence.result.isError,
  );

  const successes = errors.filter(({ evidence }) => verdictOf({ ...evidence, exit: { code: 0 } }).ok);

  expect(errors.length).toBeGreaterThan(20);
  expect(successes).toEqual([]);
});

test('an attempt whose prompt was never sent does not count', () => {
  expect(verdictOf({ openError: { code: 'CRASHED', message: 'Gone.' } })).toMatchObject({
    name: 'crashed',
    retry: true,
    counts: false,
  });
});

test('a usage limit tells when it is lifted', () => {
  expect(verdictOf({ interruption: 'rateLimited', resetsAt: 1_700 })).toEqual({
    name: 'rateLimited',
    ok: false,
    retry: true,
    counts: false,
    move: 'pool',
    reason: 'The API answered with a usage limit.',
    resetsAt: 1_700,
  });
});

test('a reason quotes what the CLI said, in at most 500 characters', () => {
  expect(verdictOf(OUT_OF_TURNS).reason).toBe(
    'The task used up its turns. (Reached maximum number of turns (2))',
  );
  expect(verdictOf({ exit: { code: 1 } }).reason).toBe('The process ended without a result. (exit code 1)');
  expect(verdictOf({ exit: { signal: 'SIGTERM' } }).reason).toBe(
    'The process ended without a result. (signal SIGTERM)',
  );
  expect(verdictOf(errorOf({ text: 'x'.repeat(9_000) })).reason.length).toBeLessThan(600);
});

function answered(change: Partial<ResultEvidence>, beside: Evidence = {}): Evidence {
  return { result: { ...ANSWER, ...change }, ...beside };
}

/** An API error as the CLI prints it: `subtype: "success"` and `is_error: true`. */
function errorOf(change: Partial<ResultEvidence>): Evidence {
  return { result: { ...withoutReasons(), stopReason: 'stop_sequence', isError: true, ...change } };
}

function errorResult(
  subtype: string,
  message: string,
): Pick<ResultEvidence, 'subtype' | 'isError' | 'errors'> {
  return { subtype, isError: true, errors: [message] };
}

/** What is left of a turn that was interrupted. */
function aborted(): Evidence {
  return {
    result: {
      ...withoutReasons(),
      ...errorResult('error_during_execution', '[ede_diagnostic] result_type=user'),
      terminalReason: 'aborted_streaming',
    },
  };
}

function withoutReasons(): ResultEvidence {
  return { subtype: 'success', isError: false, errors: [], turns: 1, denials: [] };
}
