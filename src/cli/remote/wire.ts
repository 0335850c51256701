import { PoolError } from '../../index.ts';
import type { PoolErrorCode } from '../../index.ts';
import type { Desk } from '../desk/desk.ts';
import { failureOf } from '../failure.ts';
import type { Failure } from '../failure.ts';

/** Counts up with every change that makes a desk and its server misunderstand each other. */
export const WIRE = 1;

/** Calls that one answer is the end of. */
export const CALLS = [
  'submit',
  'submitChain',
  'submitSkill',
  'settled',
  'cancel',
  'approve',
  'reject',
  'diff',
  'text',
  'skills',
  'skill',
  'status',
  'context',
  'setContext',
  'deleteContext',
  'drain',
] as const satisfies readonly (keyof Desk)[];

/** Calls that are answered by a line for each item. */
export const STREAMS = ['output', 'news', 'views'] as const satisfies readonly (keyof Desk)[];

/** Who answers at a socket. */
export interface Greeting {
  readonly wire: number;
  readonly version: string;
  readonly pid: number;
}

/** What a call, or a line of a stream, is answered with. */
export type Reply = { readonly value?: unknown } | { readonly error: Failure };

export function errorReply(error: unknown): Reply {
  return { error: failureOf(error) };
}

/** The value of a reply. Throws what was thrown at the other end. */
export function valueOf(reply: Reply): unknown {
  if (!('error' in reply)) return reply.value;
  const { code, message, taskId, verdict } = reply.error;
  if (code === 'INTERNAL') throw new Error(message);
  // Both ends have the same codes: they speak the same wire.
  throw new PoolError(code as PoolErrorCode, message, {
    ...(taskId !== undefined && { taskId }),
    ...(verdict !== undefined && { verdict }),
  });
}
