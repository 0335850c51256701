import { execa } from 'execa';
import { expect, test } from 'vitest';
import { fakeApi } from '../../src/testing/fake-api.ts';
import type { FakeApi } from '../../src/testing/fake-api.ts';
import { realClaude } from '../../src/testing/real-claude.ts';
import { scratchHome } from '../../src/testing/scratch-home.ts';
import type { Answer, Script } from '../../src/testing/script.ts';

const versions = ['oldest', 'newest'] as const;
type Version = (typeof versions)[number];

test.each(versions)('the %s CLI prints the text of the script', async (version) => {
  await using api = await fakeApi({ script: rule('sum', { text: ['forty', '-two'] }) });

  const { exitCode, result } = await askClaude(version, api, 'What is the sum?');

  expect(exitCode).toBe(0);
  expect(result).toMatchObject({ subtype: 'success', is_error: false, result: 'forty-two', num_turns: 1 });
});

test.each(versions)('the %s CLI runs a tool and sends its output back', async (version) => {
  const toolUse = { name: 'Bash', input: { command: 'echo from-bash', description: 'Say hello' } };
  await using api = await fakeApi({ script: rule('run', { toolUse }, { text: 'It ran' }) });

  const { result } = await askClaude(version, api, 'run it');

  expect(result).toMatchObject({ subtype: 'success', result: 'It ran', num_turns: 2 });
  expect(JSON.stringify(api.requests.at(-1)?.messages)).toContain('from-bash');
});

function rule(when: string, ...answers: readonly Answer[]): Script {
  return { rules: [{ when, answers }] };
}

async function askClaude(
  version: Version,
  api: FakeApi,
  prompt: string,
): Promise<{ exitCode: number | undefined; result: unknown }> {
  await using home = await scratchHome({ url: api.url });
  const { exitCode, stdout } = await execa(
    realClaude(version).command,
    ['-p', prompt, '--output-format', 'json', '--allowedTools', 'Bash'],
    {
      cwd: home.cwd,
      env: { ...home.env, CLAUDE_CODE_MAX_RETRIES: '1' },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
    },
  );
  const result: unknown = JSON.parse(stdout);
  return { exitCode, result };
}
