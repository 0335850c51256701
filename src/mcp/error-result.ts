import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { faultOf } from './fault.ts';

/** An error as the result of a tool: what went wrong, with its code and its remedy, as JSON. */
export function errorResult(error: unknown): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify({ error: faultOf(error) }) }], isError: true };
}
