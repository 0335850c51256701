import { appendFileSync } from 'node:fs';
import type { FakeClaudeCharge, FakeClaudePrompt } from './fake-claude.ts';
import type { FakeProcess } from './fake-claude-process.ts';

type Entry = Omit<FakeClaudePrompt, 'pid' | 'sessionId'> | Omit<FakeClaudeCharge, 'pid' | 'sessionId'>;

/** Writes one line of the journal, where one is kept. */
export function journal({ settings, conversation }: FakeProcess, entry: Entry): void {
  if (settings.journal === undefined) return;
  const line = { ...entry, pid: process.pid, sessionId: conversation.sessionId };
  appendFileSync(settings.journal, `${JSON.stringify(line)}\n`);
}
