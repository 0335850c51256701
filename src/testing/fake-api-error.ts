import { uniqueId } from './fake-api-message.ts';
import type { ApiFault } from './script.ts';

/** An error response of the API. */
export interface ErrorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

const errors: Readonly<Record<ApiFault['status'], { readonly type: string; readonly message: string }>> = {
  400: { type: 'invalid_request_error', message: 'The request is invalid' },
  401: { type: 'authentication_error', message: 'invalid x-api-key' },
  403: {
    type: 'permission_error',
    message: 'Your API key does not have permission to use the specified resource',
  },
  404: { type: 'not_found_error', message: 'Not found' },
  413: { type: 'request_too_large', message: 'Request exceeds the maximum size' },
  429: {
    type: 'rate_limit_error',
    message: "This request would exceed your account's rate limit. Please try again later.",
  },
  500: { type: 'api_error', message: 'Internal server error' },
  529: { type: 'overloaded_error', message: 'Overloaded' },
};

/** What the API says with that status. */
export function apiMessage(status: ApiFault['status']): string {
  return errors[status].message;
}

/** The response to a request that the script refuses. */
export function errorResponse({ status, message, retryAfter, resetsAt }: ApiFault): ErrorResponse {
  const error = errors[status];
  const requestId = uniqueId('req');
  return {
    status,
    headers: {
      'request-id': requestId,
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      ...(resetsAt === undefined ? {} : usageLimitHeaders(resetsAt)),
    },
    body: {
      type: 'error',
      error: { type: error.type, message: message ?? error.message },
      request_id: requestId,
    },
  };
}

/** The response to a request that nobody can answer here. The CLI does not retry it. */
export function finalErrorResponse(fault: ApiFault): ErrorResponse {
  const response = errorResponse(fault);
  return { ...response, headers: { ...response.headers, 'x-should-retry': 'false' } };
}

function usageLimitHeaders(resetsAt: number): Readonly<Record<string, string>> {
  return {
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-reset': String(Math.ceil(resetsAt / 1000)),
    'anthropic-ratelimit-unified-representative-claim': 'five_hour',
  };
}
