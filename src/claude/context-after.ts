import type { TokensUsed } from '../../machines/types.ts';
import type { Line } from './protocol.ts';
import { finalTokens } from './tokens.ts';

/**
 * What the main agent's latest answer was charged for: all that was sent, and the answer. Together they are the
 * conversation. Undefined before its first answer.
 */
export function contextAfter(before: TokensUsed | undefined, line: Line): TokensUsed | undefined {
  if (line.type !== 'messageStarted' && line.type !== 'messageEnded') return before;
  if (line.agent !== undefined) return before;
  if (line.type === 'messageStarted') return line.tokens;
  return before && finalTokens(before, line.tokens);
}
