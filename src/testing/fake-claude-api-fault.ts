import { setTimeout as wait } from 'node:timers/promises';
import { apiMessage } from './fake-api-error.ts';
import { saySynthetic } from './fake-claude-lines.ts';
import { say } from './fake-claude-process.ts';
import type { FakeProcess } from './fake-claude-process.ts';
import type { ApiFault } from './script.ts';

/** The CLI waits half a second and more between two attempts; the fake does not. */
const longestDelayMs = 20;
const retried: readonly number[] = [401, 429, 500, 529];

/** What the CLI calls an error with that status. */
const kinds: Readonly<Record<ApiFault['status'], string>> = {
  400: 'unknown',
  401: 'authentication_failed',
  403: 'authentication_failed',
  404: 'model_not_found',
  413: 'invalid_request',
  429: 'rate_limit',
  500: 'server_error',
  529: 'server_error',
};

/** The CLI gave up on the API. */
export interface ApiRefusal {
  readonly text: string;
  readonly apiErrorStatus?: number;
  readonly terminalReason: string;
}

/** Plays a refused request: either it is to be tried again, or the turn is refused. */
export async function playApiFault(
  claude: FakeProcess,
  { fault, attempt, signal }: { fault: ApiFault; attempt: number; signal: AbortSignal },
): Promise<ApiRefusal | 'again'> {
  if (isUsageLimit(fault)) return refuseForUsageLimit(claude, fault);
  if (retried.includes(fault.status) && attempt <= mostRetries(fault)) {
    await sayRetry(claude, { fault, attempt, signal });
    return 'again';
  }
  const hidesStatus = fault.status === 529 && mostRetriesAsked() === undefined;
  const text = hidesStatus ? 'API Error: Repeated 529 Overloaded errors' : refusalText(claude, fault);
  saySynthetic(claude, text, { error: kinds[fault.status] });
  return {
    text,
    ...(hidesStatus ? {} : { apiErrorStatus: fault.status }),
    terminalReason: terminalReason(claude, fault.status),
  };
}

/** Plays a connection that is cut: the CLI tries again without a word, and at last gives up. */
export async function playDrop(
  claude: FakeProcess,
  { attempt, signal }: { attempt: number; signal: AbortSignal },
): Promise<ApiRefusal | 'again'> {
  if (attempt <= (mostRetriesAsked() ?? 10)) {
    await wait(longestDelayMs, undefined, { signal });
    return 'again';
  }
  const text = 'API Error: The socket connection was closed unexpectedly.';
  saySynthetic(claude, text, { error: 'unknown' });
  return { text, terminalReason: claude.isOld ? 'completed' : 'api_error' };
}

/** Nobody is logged in: the CLI asks no API. */
export function refuseWithoutLogin(claude: FakeProcess): ApiRefusal {
  const text = 'Not logged in · Please run /login';
  saySynthetic(claude, text, { error: 'authentication_failed' });
  return { text, terminalReason: claude.isOld ? 'completed' : 'api_error' };
}

/** Only a subscription knows when its limit is lifted, and there the CLI does not retry. */
function refuseForUsageLimit(
  claude: FakeProcess,
  { resetsAt }: Required<Pick<ApiFault, 'resetsAt'>>,
): ApiRefusal {
  const seconds = Math.ceil(resetsAt / 1000);
  say(claude, {
    type: 'rate_limit_event',
    rate_limit_info: {
      status: 'rejected',
      resetsAt: seconds,
      rateLimitType: 'five_hour',
      isUsingOverage: false,
    },
  });
  const limit = claude.isOld ? 'session' : '5-hour';
  const text = `You've hit your ${limit} limit · resets ${new Date(seconds * 1000).toISOString()}`;
  saySynthetic(claude, text, { error: 'rate_limit' });
  return { text, apiErrorStatus: 429, terminalReason: terminalReason(claude, 429) };
}

function isUsageLimit(fault: ApiFault): fault is ApiFault & { readonly resetsAt: number } {
  return fault.status === 429 && fault.resetsAt !== undefined;
}

async function sayRetry(
  claude: FakeProcess,
  { fault, attempt, signal }: { fault: ApiFault; attempt: number; signal: AbortSignal },
): Promise<void> {
  const delayMs = fault.retryAfter === undefined ? 500 * 2 ** (attempt - 1) : fault.retryAfter * 1000;
  say(claude, {
    type: 'system',
    subtype: 'api_retry',
    attempt,
    max_retries: mostRetriesAsked() ?? 10,
    retry_delay_ms: delayMs,
    error_status: fault.status,
    error: fault.status === 529 ? 'overloaded' : kinds[fault.status],
  });
  await wait(Math.min(delayMs, longestDelayMs), undefined, { signal });
}

function refusalText(claude: FakeProcess, { status, message = apiMessage(status) }: ApiFault): string {
  if (status === 401 || status === 403) return `Failed to authenticate. API Error: ${status} ${message}`;
  if (status === 404) return `There's an issue with the selected model (${claude.conversation.model}).`;
  if (status === 413) return 'Request too large (max 32MB). Try with a smaller file.';
  if (status === 429) return `API Error: Request rejected (429) · ${message}`;
  return `API Error: ${status} ${message}`;
}

function terminalReason(claude: FakeProcess, status: number): string {
  if (status === 413) return 'image_error';
  return claude.isOld ? 'completed' : 'api_error';
}

function mostRetries({ status }: ApiFault): number {
  return mostRetriesAsked() ?? (status === 529 ? 2 : 10);
}

function mostRetriesAsked(): number | undefined {
  const asked = process.env['CLAUDE_CODE_MAX_RETRIES'];
  return asked === undefined ? undefined : Number(asked);
}
