import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { verdictOf } from '../../machines/verdict.ts';
import { claudeDriver } from '../../src/claude/driver.ts';
import { fakeClaude } from '../../src/testing/fake-claude.ts';

test('a prompt that was never sent, because its process had ended, is no attempt', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'claude-unsent-'));
  const { env, ...claude } = fakeClaude({ script: { rules: [] } });
  const driver = claudeDriver({ ...claude, env: { ...env, CLAUDE_CONFIG_DIR: home } });
  const { signal } = new AbortController();
  const session = await driver.open({ slotId: 'slot-0', cwd: home }, { signal });
  process.kill(session.pid ?? 0, 'SIGKILL');
  await session.exited;

  const { evidence } = await session.run({ prompt: 'too late' }, { signal });
  await rm(home, { recursive: true });

  expect(verdictOf(evidence)).toMatchObject({ name: 'crashed', retry: true, counts: false });
});
