import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'vitest';
import { claudeDriver } from '../../src/claude/driver.ts';
import { fakeApi } from '../../src/testing/fake-api.ts';
import type { FakeApi } from '../../src/testing/fake-api.ts';
import { fakeClaude } from '../../src/testing/fake-claude.ts';
import type { FakeClaudeEntry, FakeClaudeOptions } from '../../src/testing/fake-claude.ts';
import { realClaude } from '../../src/testing/real-claude.ts';
import { scratchHome } from '../../src/testing/scratch-home.ts';
import type { Script } from '../../src/testing/script.ts';
import { testDriver } from '../../src/testing/test-driver.ts';
import type { DriverStage, StageOptions } from '../../src/testing/test-driver-subject.ts';

const impatience = { controlTimeoutMs: 1500, interruptTimeoutMs: 1500, closeTimeoutMs: 500 };

for (const version of ['2.1.330', '2.1.197'] as const) {
  testDriver({
    test,
    name: `fake ${version}`,
    subject: {
      version,
      capabilities: 'cli',
      open: (script, options) => fakeStage({ ...options, script, version }),
    },
  });
}

for (const [age, version] of [
  ['newest', '2.1.330'],
  ['oldest', '2.1.197'],
] as const) {
  testDriver({
    test,
    name: `real ${version}`,
    subject: {
      version,
      capabilities: 'api',
      open: (script, options) => realStage(age, { ...options, script }),
    },
  });
}

async function fakeStage(
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

async function realStage(
  age: 'newest' | 'oldest',
  { script, account = 'apiKey' }: StageOptions & { readonly script: Script },
): Promise<DriverStage> {
  const api = await fakeApi({ script });
  const home = await scratchHome({ url: api.url, account: account === 'none' ? 'apiKey' : account });
  const env = account === 'none' ? { ...home.env, ANTHROPIC_API_KEY: undefined } : home.env;
  return {
    driver: claudeDriver({ command: realClaude(age).command, env }),
    cwd: home.cwd,
    lastRequest: () => Promise.resolve(lastMessages(api)),
    async [Symbol.asyncDispose]() {
      await api.stop();
      await home[Symbol.asyncDispose]();
    },
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

function lastMessages({ requests }: FakeApi): string {
  const messages = requests.at(-1)?.messages ?? [];
  return messages.flatMap(({ content }) => content.map(({ text }) => text ?? '')).join('\n');
}
