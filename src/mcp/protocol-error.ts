import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { faultOf } from './fault.ts';

/** An error as the protocol tells it where no tool was called. */
export function protocolError(error: unknown): Error {
  const fault = faultOf(error);
  const code = fault.code === 'INTERNAL' ? ErrorCode.InternalError : ErrorCode.InvalidParams;
  // No `McpError`: it puts its code before the message, and so does the one that the client makes of it.
  return Object.assign(new Error(fault.message), { code, data: fault });
}
