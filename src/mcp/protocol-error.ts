import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { faultOf } from './fault.ts';

/** An error as the protocol tells it where no tool was called. */
export function protocolError(error: unknown): McpError {
  const fault = faultOf(error);
  const code = fault.code === 'INTERNAL' ? ErrorCode.InternalError : ErrorCode.InvalidParams;
  return new McpError(code, fault.message, fault);
}
