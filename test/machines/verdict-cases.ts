import type { Evidence, ResultEvidence } from '../../machines/types.ts';
import type { VerdictName } from '../../machines/verdict-types.ts';
import { ANSWER, ANSWERED, OUT_OF_TURNS } from './attempt.ts';

export interface VerdictCase {
  readonly seen: string;
  readonly evidence: Evidence;
  /** The row that decides. */
  readonly row: string;
  readonly verdict: string;
}

/** What was seen, by its name. */
type Sightings = Readonly<Record<string, Evidence>>;

const DENIALS = [{ toolName: 'Write', toolUseId: 'toolu_01' }];
const OVERFLOW = 'API Error: The model has reached its context window limit.';
const TOO_LONG =
  'Prompt is too long · the request is ~210000 tokens (limit 200000) but this conversation is only ~3724 tokens';
const CUT = "API Error: Claude's response exceeded the 32000 output token maximum.";
const UNREADABLE = "The model's tool call could not be parsed (retry also failed).";
const OVERLOADED = 'API Error: 529 Overloaded. This is a server-side issue, usually temporary';

/** Version 2.1.197 calls an API error completed. */
const OLD_ERROR = { terminalReason: 'completed' } as const;

/** By verdict and by row. Where the real CLI can be brought to it, its results are copied from there. */
const SEEN: Readonly<Record<VerdictName, Readonly<Record<string, Sightings>>>> = {
  succeeded: {
    answer: {
      'a plain answer': ANSWERED,
      'an answer with structured output, stopped by its tool': structured({ text: '{"a":1}' }),
      'structured output without text': structured({ text: '' }),
      'an answer after which the process died': { ...ANSWERED, exit: { code: 143 } },
      'an answer that came while the attempt was cancelled': { ...ANSWERED, interruption: 'cancelled' },
      'an answer after a retried 529': { ...ANSWERED, lastRetryStatus: 529 },
      'an answer without a stop reason': { result: { ...withoutReasons(), text: 'hi' } },
      'an answer that speaks of an error': answered({ text: `The log says: ${CUT}` }),
    },
  },
  succeededWithDenials: {
    denials: {
      'an answer with a denied tool': answered({ text: 'could not', turns: 2, denials: DENIALS }),
    },
  },
  incomplete: {
    'open-workspace': {
      'a worktree that cannot be made': { openError: { code: 'WORKTREE', message: 'No space left.' } },
    },
    'schema-unmet': {
      'five answers that did not fit the schema': errorOf({
        subtype: 'error_max_structured_output_retries',
        terminalReason: 'structured_output_retry_exhausted',
        stopReason: 'tool_use',
        errors: ['Failed to provide valid structured output after 5 attempts'],
      }),
      'five answers that did not fit the schema, in 2.1.197': errorOf({
        subtype: 'error_max_structured_output_retries',
        stopReason: 'tool_use',
      }),
      '`structured_output_retry_exhausted` without an error': endedBy('structured_output_retry_exhausted'),
    },
    'output-cut': {
      'the maximum of output tokens': errorOf({ terminalReason: 'api_error', text: CUT }),
      'the maximum of output tokens, in 2.1.197': errorOf({ ...OLD_ERROR, text: CUT }),
      '`max_tokens` as the end of an answer': answered({ stopReason: 'max_tokens' }),
      'the maximum of output tokens after a retried 500': {
        ...errorOf({ terminalReason: 'api_error', text: CUT }),
        lastRetryStatus: 500,
      },
    },
    'tool-call-malformed': {
      'a tool call that cannot be parsed': errorOf({
        terminalReason: 'malformed_tool_use_exhausted',
        text: UNREADABLE,
      }),
      'a tool call that cannot be parsed, in 2.1.197': errorOf({ ...OLD_ERROR, text: UNREADABLE }),
    },
    'hook-stopped': {
      '`stop_hook_prevented`': endedBy('stop_hook_prevented'),
      '`hook_stopped`': endedBy('hook_stopped'),
    },
    'tool-deferred': {
      '`tool_deferred`': endedBy('tool_deferred', { stopReason: 'tool_deferred' }),
      '`tool_deferred_unavailable`': errorOf({
        terminalReason: 'tool_deferred_unavailable',
        stopReason: 'tool_deferred_unavailable',
      }),
    },
    'turn-not-begun': {
      '`turn_setup_failed`, which the CLI calls a success': endedBy('turn_setup_failed', { turns: 0 }),
    },
    backgrounded: { '`background_requested`': endedBy('background_requested') },
    aborted: {
      'an interrupt that nobody sent': aborted(),
      'an interrupt of a tool that nobody sent': aborted({ terminalReason: 'aborted_tools' }),
      'an interrupt that nobody sent, after a retried 500': { ...aborted(), lastRetryStatus: 500 },
    },
    'open-tasks': { 'open background tasks': answered({}, { openTasks: 2 }) },
    'no-structure': { 'a schema and no structured output': answered({ turns: 2 }, { schemaAsked: true }) },
    unasked: {
      'the answer to `/clear`': { result: { ...withoutReasons(), text: '', turns: 0 } },
      'the answer to a command': answered({ text: 'Unknown command: /nosuch', turns: 0 }),
    },
    empty: {
      'an empty answer': answered({ text: '', turns: 2 }),
      'an answer of white space': answered({ text: ' \n' }),
      'an answer without text': { result: withoutReasons() },
    },
    'odd-end': {
      'a pause of the turn': answered({ stopReason: 'pause_turn' }),
      'a stop reason that nobody knows': answered({ stopReason: 'weird' }),
      'a tool call as the end': answered({ stopReason: 'tool_use' }),
      'a terminal reason that nobody knows': endedBy('stopped_by_the_moon'),
    },
    'no-conversation': {
      'a conversation that is not there': errorOf({
        subtype: 'error_during_execution',
        errors: ['No conversation found with session ID: 00000000-0000-4000-8000-000000000000'],
      }),
    },
    'api-error': {
      'an API error without a status': errorOf({
        terminalReason: 'api_error',
        text: 'API Error: Content block not found',
      }),
      'an API error without a status, in 2.1.197': errorOf({
        ...OLD_ERROR,
        text: 'API Error: Content block not found',
      }),
      '`model_error`': errorOf({ terminalReason: 'model_error', text: 'Something else' }),
    },
    unknown: {
      'an error that says nothing': errorOf({ subtype: 'error_during_execution' }),
      'an error that says nothing, after a retried 500': {
        ...errorOf({ subtype: 'error_during_execution' }),
        lastRetryStatus: 500,
      },
      'an error that says nothing, and the end of the process': {
        ...errorOf({ subtype: 'error_during_execution' }),
        exit: { code: 1 },
      },
      'a subtype that nobody knows': answered({ subtype: 'partial' }),
      'nothing at all': {},
    },
  },
  rateLimited: {
    'first-429': {
      'an interrupt at the first 429': { ...aborted(), interruption: 'rateLimited', lastRetryStatus: 429 },
    },
    'status-429': {
      'a usage limit': errorOf({
        apiErrorStatus: 429,
        terminalReason: 'api_error',
        text: "You've hit your 5-hour limit · resets 9:11pm (UTC)",
      }),
      'a usage limit, in 2.1.197': errorOf({
        ...OLD_ERROR,
        apiErrorStatus: 429,
        text: "You've hit your session limit · resets 9:11pm (UTC)",
      }),
      'a 429 that is no usage limit': errorOf({
        ...OLD_ERROR,
        apiErrorStatus: 429,
        text: 'API Error: Server is temporarily limiting requests (not your usage limit)',
      }),
    },
    'no-credit': {
      'an account without credit': errorOf({ apiErrorStatus: 400, text: 'Credit balance is too low' }),
    },
  },
  overloaded: {
    'status-500': {
      '529': { ...errorOf({ apiErrorStatus: 529, text: OVERLOADED }), lastRetryStatus: 529 },
      '500': errorOf({ apiErrorStatus: 500, text: 'API Error: 500 Internal server error.' }),
      '529 without a status, as 2.1.197 tells it': errorOf({
        ...OLD_ERROR,
        text: 'API Error: Repeated 529 Overloaded errors',
      }),
      'no status but that of the last retry': { ...errorOf({ text: 'API Error' }), lastRetryStatus: 503 },
    },
    unreachable: {
      'a dropped connection': errorOf({
        terminalReason: 'api_error',
        text: 'API Error: Connection dropped (ECONNRESET). Check the gateway set in ANTHROPIC_BASE_URL, then try again.',
      }),
      'a refused connection': errorOf({
        ...OLD_ERROR,
        text: 'API Error: Unable to connect to API (ConnectionRefused)',
      }),
      'a request that timed out': errorOf({ text: 'Request timed out' }),
    },
  },
  auth: {
    'first-401': {
      'an interrupt at the first 401': { ...aborted(), interruption: 'auth', lastRetryStatus: 401 },
    },
    'open-login': {
      'a session that needs a login': { openError: { code: 'CLAUDE_AUTH', message: 'Not logged in.' } },
    },
    'not-logged-in': {
      'no API key': errorOf({ text: 'Not logged in · Please run /login' }),
      'a disabled organization': errorOf({
        apiErrorStatus: 400,
        text: 'Your ANTHROPIC_API_KEY belongs to a disabled organization · Update or unset the environment variable',
      }),
    },
    'status-401': {
      '401': errorOf({ apiErrorStatus: 401, text: 'Failed to authenticate. API Error: 401' }),
      '403': errorOf({ apiErrorStatus: 403, text: 'Failed to authenticate. API Error: 403' }),
    },
  },
  budget: {
    'spending-cap': {
      'an interrupt at the cap': {
        ...aborted({ terminalReason: 'aborted_tools', stopReason: 'tool_use' }),
        interruption: 'budget',
      },
    },
    'cli-budget': {
      '`error_max_budget_usd`': errorOf({
        subtype: 'error_max_budget_usd',
        terminalReason: 'budget_exhausted',
        errors: ['Reached maximum budget ($1.2)'],
      }),
      '`error_max_budget_usd`, in 2.1.197': errorOf({
        subtype: 'error_max_budget_usd',
        errors: ['Reached maximum budget ($1.2)'],
      }),
      'an exhausted budget by its terminal reason alone': errorOf({
        subtype: 'error_during_execution',
        terminalReason: 'budget_exhausted',
      }),
    },
  },
  contextOverflow: {
    'context-full': {
      'a prompt that is too long': errorOf({
        apiErrorStatus: 400,
        terminalReason: 'prompt_too_long',
        text: TOO_LONG,
      }),
      '`blocking_limit`': endedBy('blocking_limit'),
      '`rapid_refill_breaker`': errorOf({ terminalReason: 'rapid_refill_breaker' }),
      '`model_context_window_exceeded`': answered({ stopReason: 'model_context_window_exceeded' }),
    },
    'too-large': {
      'a full context window': errorOf({ terminalReason: 'api_error', text: OVERFLOW }),
      'a full context window, in 2.1.197': errorOf({ ...OLD_ERROR, text: OVERFLOW }),
      '413': errorOf({
        apiErrorStatus: 413,
        terminalReason: 'image_error',
        text: 'Request too large (max 32MB). Try with a smaller file.',
      }),
    },
    'no-long-context': {
      'a 429 for a request that the account may not send': errorOf({
        apiErrorStatus: 429,
        text: 'API Error: Request rejected (429) · Extra usage is required for long context requests.',
      }),
    },
  },
  maxTurns: {
    'max-turns': {
      '`error_max_turns`': OUT_OF_TURNS,
      '`max_turns` without an error': endedBy('max_turns'),
    },
  },
  refused: {
    refusal: {
      'a refusal': errorOf({
        terminalReason: 'api_error',
        stopReason: 'refusal',
        text: "API Error: Haiku 4.5 can't help with this. Start a new session to continue.",
        turns: 2,
      }),
      'a refusal, in 2.1.197': errorOf({
        ...OLD_ERROR,
        stopReason: 'refusal',
        text: 'API Error: Claude Code is unable to respond to this request, which appears to violate our Usage Policy',
      }),
      'a refusal that is called a success': answered({ stopReason: 'refusal' }),
    },
    'content-filter': {
      'a blocked answer': errorOf({
        apiErrorStatus: 400,
        text: 'API Error: 400 Output blocked by content filtering policy',
      }),
    },
  },
  invalidRequest: {
    'open-options': {
      'a session with bad options': { openError: { code: 'INVALID_OPTIONS', message: 'Unknown flag.' } },
    },
    'status-400': {
      '400': errorOf({ apiErrorStatus: 400, text: 'API Error: 400 The request is invalid' }),
      '404': errorOf({ apiErrorStatus: 404, text: "There's an issue with the selected model (x)." }),
      'an image that cannot be read': errorOf({ terminalReason: 'image_error' }),
    },
  },
  crashed: {
    'open-lost': {
      'a session that was lost before the prompt': { openError: { code: 'CRASHED', message: 'Gone.' } },
    },
    'open-failed': {
      'a session that never got ready': { openError: { code: 'TIMEOUT', message: 'No answer.' } },
      'a program that is not there': { openError: { code: 'CLAUDE_NOT_FOUND', message: 'No program.' } },
    },
    'process-ended': {
      'a killed process': { exit: { signal: 'SIGKILL' } },
      'exit 0 and no result': { exit: { code: 0 } },
    },
  },
  hung: {
    'time-limit': {
      'an interrupt at the time limit': { ...aborted(), interruption: 'timeout' },
      'a process that was killed at the time limit': { exit: { signal: 'SIGKILL' }, interruption: 'timeout' },
    },
    silence: {
      'a silent process that was killed': { exit: { signal: 'SIGKILL' }, interruption: 'silence' },
    },
  },
  cancelled: {
    cancel: {
      'an interrupt for a cancellation': { ...aborted(), interruption: 'cancelled' },
      'a cancellation that found its turns used up': { ...OUT_OF_TURNS, interruption: 'cancelled' },
      'a cancellation before the prompt was sent': { interruption: 'cancelled' },
    },
  },
};

export const VERDICT_CASES: readonly VerdictCase[] = Object.entries(SEEN).flatMap(([verdict, rows]) =>
  Object.entries(rows).flatMap(([row, sightings]) =>
    Object.entries(sightings).map(([seen, evidence]) => ({ seen, evidence, row, verdict })),
  ),
);

function answered(change: Partial<ResultEvidence>, beside: Evidence = {}): Evidence {
  return { result: { ...ANSWER, ...change }, ...beside };
}

function structured(change: Partial<ResultEvidence>): Evidence {
  const output = { stopReason: 'tool_use', structuredOutput: { a: 1 }, turns: 2 };
  return answered({ ...output, ...change }, { schemaAsked: true });
}

/** A result that the CLI calls a success, with a terminal reason that is none. */
function endedBy(terminalReason: string, change: Partial<ResultEvidence> = {}): Evidence {
  return answered({ terminalReason, ...change });
}

/** An error as the CLI prints it: what the API refused has `subtype: "success"`. */
function errorOf(change: Partial<ResultEvidence>): Evidence {
  return { result: { ...withoutReasons(), stopReason: 'stop_sequence', isError: true, ...change } };
}

/** What is left of a turn that was interrupted. */
function aborted(change: Partial<ResultEvidence> = {}): Evidence {
  return errorOf({
    subtype: 'error_during_execution',
    errors: ['[ede_diagnostic] result_type=user last_content_type=n/a stop_reason=null'],
    terminalReason: 'aborted_streaming',
    turns: 2,
    ...change,
  });
}

function withoutReasons(): ResultEvidence {
  return { subtype: 'success', isError: false, errors: [], turns: 1, denials: [] };
}
