import type { ClaudeDriver } from '../ports.ts';
import { examineAttempt } from './examine-attempt.ts';
import { openSession } from './open-session.ts';
import { parseClaudeOptions } from './options.ts';
import type { ClaudeOptions } from './options.ts';
import { reapOrphans } from './reap-orphans.ts';
import { rejectionBy } from './rejection-by.ts';

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
  let reaped: Promise<void> | undefined;

  async function reapOnce(signal: AbortSignal): Promise<void> {
    reaped ??= reapOrphans().catch(() => undefined);
    await orAborted(reaped, signal);
  }

  return {
    async open(launch, { signal }) {
      await reapOnce(signal);
      return openSession(settings, launch, signal);
    },
    async examine(attempt, { signal }) {
      // A session that outlived its pool would go on while its transcript is read.
      await reapOnce(signal);
      return examineAttempt(settings, attempt, signal);
    },
  };
}

async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, rejectionBy(signal, done.signal)]).finally(() => done.abort());
}
