import { uptime } from 'node:os';
import type { Timestamp } from '../../machines/types.ts';

const UNWRITTEN_BY_ARGUMENT: ReadonlySet<string> = new Set(['--bare', '--no-session-persistence']);
const UNWRITTEN_BY_VARIABLE = ['CLAUDE_CODE_SIMPLE', 'CLAUDE_CODE_SKIP_PROMPT_HISTORY'];

export interface WritingHabits {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Whether Claude cannot have sent a prompt to the API that stands in no transcript. It writes the prompt first, but
 * only if it is told to; and a machine that restarted may have lost what was written.
 */
export function provesAbsence({ args, env }: WritingHabits, startedAt: Timestamp): boolean {
  if (env['CLAUDE_CODE_EAGER_FLUSH'] !== '1') return false;
  if (args.some((arg) => UNWRITTEN_BY_ARGUMENT.has(arg))) return false;
  if (UNWRITTEN_BY_VARIABLE.some((name) => env[name] !== undefined)) return false;
  return startedAt > Date.now() - uptime() * 1000;
}
