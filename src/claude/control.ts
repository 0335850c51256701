import { randomUUID } from 'node:crypto';
import { PoolError } from '../errors.ts';

export interface ControlRequest {
  readonly subtype: string;
  readonly [field: string]: unknown;
}

interface ControlAnswer {
  readonly requestId: string;
  readonly answer?: unknown;
  readonly refusal: string | undefined;
}

export interface ControlChannel {
  /** Resolves with the answer. Rejects with `TIMEOUT` without one, with `CLAUDE_PROTOCOL` when Claude refuses. */
  readonly request: (request: ControlRequest, timeoutMs: number) => Promise<unknown>;
  readonly settle: (answer: ControlAnswer) => void;
  /** Rejects what is open: nobody is left to answer. */
  readonly fail: (reason: PoolError) => void;
}

interface Pending {
  readonly subtype: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (reason: PoolError) => void;
}

/** Requests beside the conversation. They are answered in mid-turn too, or never: each has a time limit. */
export function controlChannel(send: (message: object) => void): ControlChannel {
  const pending = new Map<string, Pending>();

  function take(requestId: string): Pending | undefined {
    const asked = pending.get(requestId);
    clearTimeout(asked?.timer);
    pending.delete(requestId);
    return asked;
  }

  return {
    request(request, timeoutMs) {
      const requestId = randomUUID();
      const { subtype } = request;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => take(requestId)?.reject(unanswered(subtype, timeoutMs)), timeoutMs);
        pending.set(requestId, { subtype, timer, resolve, reject });
        send({ type: 'control_request', request_id: requestId, request });
      });
    },
    settle({ requestId, answer, refusal }) {
      const asked = take(requestId);
      if (refusal === undefined) asked?.resolve(answer);
      else asked?.reject(refused(asked.subtype, refusal));
    },
    fail(reason) {
      for (const requestId of pending.keys()) take(requestId)?.reject(reason);
    },
  };
}

function unanswered(subtype: string, timeoutMs: number): PoolError {
  const message = `Expected Claude to answer \`${subtype}\` within ${timeoutMs} ms, got no answer. The process is stuck: close the session.`;
  return new PoolError('TIMEOUT', message);
}

function refused(subtype: string, refusal: string): PoolError {
  return new PoolError(
    'CLAUDE_PROTOCOL',
    `Expected Claude to accept \`${subtype}\`, got a refusal: ${refusal}`,
  );
}
