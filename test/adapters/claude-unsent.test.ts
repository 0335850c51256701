import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { verdictOf } from '../../machines/verdict.ts';
import { claudeDriver } from '../../src/claude/driver.ts';
import { fakeClaude } from '../../src/testing/fake-claude.ts';

const UNWANTED = { prompt: 'unwanted', timeoutMs: 2_000 };

test('a prompt that was never sent, because its process had ended, is no attempt', async () => {
  await using opened = await openedSession();
  const { session } = opened;
  process.kill(session.pid ?? 0, 'SIGKILL');
  await session.exited;

  const { evidence } = await session.run({ prompt: 'too late' }, { signal: new AbortController().signal });

  expect(verdictOf(evidence)).toMatchObject({ name: 'crashed', retry: true, counts: false });
});

test('a turn that is cancelled in whatever moment of its start is cancelled', async () => {
  await using opened = await openedSession();
  const ends: unknown[] = [];

  for (let moments = 0; moments < 9; moments += 1) {
    const stop = new AbortController();
    const running = opened.session.run(UNWANTED, { signal: stop.signal });
    for (let moment = 0; moment < moments; moment += 1) await Promise.resolve();
    stop.abort();
    const { evidence } = await running;
    ends.push(evidence.interruption);
  }

  expect(ends).toEqual(Array(9).fill('cancelled'));
});

async function openedSession() {
  const home = await mkdtemp(path.join(tmpdir(), 'claude-unsent-'));
  const { env, ...claude } = fakeClaude({
    script: { rules: [{ when: 'unwanted', answers: [{ silence: true }] }] },
  });
  const driver = claudeDriver({ ...claude, env: { ...env, CLAUDE_CONFIG_DIR: home } });
  const session = await driver.open(
    { slotId: 'slot-0', cwd: home },
    { signal: new AbortController().signal },
  );
  return {
    session,
    async [Symbol.asyncDispose]() {
      await session.close();
      await rm(home, { recursive: true });
    },
  };
}
