import type { ResultEvidence } from './types.ts';
import { messageOf, reported, statusOf } from './verdict-result.ts';
import type { VerdictRow } from './verdict-row.ts';

/** Results that the CLI calls an error. What the API refuses has the subtype `success` nevertheless. */
export const ERROR_ROWS: readonly VerdictRow[] = [
  {
    id: 'not-logged-in',
    verdict: 'auth',
    seen: 'an error that says `Not logged in`, `Invalid API key` or `disabled organization`',
    when: says(/not logged in|please run \/login|invalid api key|disabled organization/i),
    reason: 'Claude is not logged in. Log in with `claude` or set `ANTHROPIC_API_KEY`.',
  },
  {
    id: 'no-credit',
    verdict: 'rateLimited',
    seen: 'an error that says `Credit balance is too low`',
    when: says(/credit balance is too low/i),
    reason: 'The credit of the account is used up. Add credit.',
    except: { move: 'operator' },
  },
  {
    id: 'no-long-context',
    verdict: 'contextOverflow',
    seen: 'an error that says `Extra usage is required for long context requests`',
    when: says(/extra usage is required/i),
    reason: 'The request is longer than the account may send.',
  },
  {
    id: 'content-filter',
    verdict: 'refused',
    seen: 'an error that says `blocked by content filtering policy`',
    when: says(/content filtering policy/i),
    reason: 'The answer was blocked by the content filter.',
  },
  {
    id: 'status-401',
    verdict: 'auth',
    seen: 'an error with status 401 or 403',
    when: reported((result, evidence) => [401, 403].includes(statusOf(result, evidence))),
    reason: 'The API refused the credentials. Log in with `claude` or set `ANTHROPIC_API_KEY`.',
  },
  {
    id: 'status-429',
    verdict: 'rateLimited',
    seen: 'an error with status 429',
    when: reported((result, evidence) => statusOf(result, evidence) === 429),
    reason: 'The API answered with a usage limit.',
  },
  {
    id: 'too-large',
    verdict: 'contextOverflow',
    seen: 'an error with status 413, or one that says `prompt is too long`, `context window` or `too many tokens`',
    when: reported(
      (result, evidence) =>
        statusOf(result, evidence) === 413 ||
        /prompt is too long|context window|too many tokens/i.test(messageOf(result)),
    ),
    reason: 'The request is larger than the model takes.',
  },
  {
    id: 'status-500',
    verdict: 'overloaded',
    seen: 'an error with status 500 or above, or one that says `overloaded`',
    when: reported(
      (result, evidence) => statusOf(result, evidence) >= 500 || /overloaded/i.test(messageOf(result)),
    ),
    reason: 'The API is overloaded or failing.',
  },
  {
    id: 'status-400',
    verdict: 'invalidRequest',
    seen: 'an error with any other status from 400 on; terminal reason `image_error`',
    when: reported(
      (result, evidence) => statusOf(result, evidence) >= 400 || result.terminalReason === 'image_error',
    ),
    reason: 'The API refused the request.',
  },
  {
    id: 'unreachable',
    verdict: 'overloaded',
    seen: 'an error that says `unable to connect`, `timed out` or `connection`',
    when: says(/unable to connect|timed out|connection/i),
    reason: 'The API could not be reached.',
  },
  {
    id: 'no-conversation',
    verdict: 'incomplete',
    seen: 'an error that says `No conversation found`',
    when: says(/no conversation found/i),
    reason: 'The conversation to resume is not there.',
  },
  {
    id: 'api-error',
    verdict: 'incomplete',
    seen: 'terminal reason `api_error` or `model_error`, or an error that begins with `API Error`',
    when: reported(
      (result) => API_REASONS.has(result.terminalReason ?? '') || messageOf(result).startsWith('API Error'),
    ),
    reason: 'The API or the model failed in a way that the table does not know.',
  },
];

const API_REASONS: ReadonlySet<ResultEvidence['terminalReason']> = new Set(['api_error', 'model_error']);

function says(pattern: RegExp): VerdictRow['when'] {
  return reported((result) => pattern.test(messageOf(result)));
}
