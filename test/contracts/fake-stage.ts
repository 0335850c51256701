import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { claudeDriver } from '../../src/claude/driver.ts';
import { fakeClaude } from '../../src/testing/fake-claude.ts';
import type { FakeClaudeEntry, FakeClaudeOptions } from '../../src/testing/fake-claude.ts';
import type { DriverStage } from '../../src/testing/test-driver-subject.ts';

const impatience = { controlTimeoutMs: 1500, interruptTimeoutMs: 1500, closeTimeoutMs: 500 };

/** A driver on the fake Claude, in a home of its own. */
export async function fakeStage(
  options: Pick<FakeClaudeOptions, 'script' | 'version' | 'account'>,
): Promise<DriverStage> {
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'fake-claude-')));
  const cwd = path.join(home, 'work');
  const journal = path.join(home, 'journal.jsonl');
  await mkdir(cwd);
  const { env, ...claude } = fakeClaude({ ...options, journal });
  return {
    driver: claudeDriver({
      ...claude,
      ...impatience,
      env: { ...env, CLAUDE_CONFIG_DIR: path.join(home, '.claude') },
    }),
    cwd,
    lastRequest: async () => lastConversation(await readFile(journal, 'utf8')),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

function lastConversation(journal: string): string {
  const entries: readonly FakeClaudeEntry[] = journal
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const last = entries.findLast((entry) => entry.type === 'prompt');
  return last === undefined ? '' : [...last.remembered, last.prompt].join('\n');
}
