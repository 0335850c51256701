import type { ClaudeDriver } from '../ports.ts';
import { openSession } from './open-session.ts';
import { parseClaudeOptions } from './options.ts';
import type { ClaudeOptions } from './options.ts';

/**
 * The driver of the real Claude CLI: each session is one process that stays for many turns.
 *
 * @example
 * const driver = claudeDriver();
 * const session = await driver.open({ slotId: 'slot-0' }, { signal });
 * const report = await session.run({ prompt: 'fix the bug in main.ts' }, { signal });
 * await session.close();
 */
export function claudeDriver(options: ClaudeOptions = {}): ClaudeDriver {
  const settings = parseClaudeOptions(options);
  return { open: (launch, { signal }) => openSession(settings, launch, signal) };
}
