import { claudeDriver } from '../../src/claude/driver.ts';
import { fakeApi } from '../../src/testing/fake-api.ts';
import type { FakeApi } from '../../src/testing/fake-api.ts';
import { realClaude } from '../../src/testing/real-claude.ts';
import { scratchHome } from '../../src/testing/scratch-home.ts';
import type { Script } from '../../src/testing/script.ts';
import type { DriverStage, DriverStageOptions } from '../../src/testing/test-driver-subject.ts';

/** A driver on a real Claude before a fake API, in a home of its own. */
export async function realStage(
  age: 'newest' | 'oldest',
  { script, account = 'apiKey' }: DriverStageOptions & { readonly script: Script },
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

function lastMessages({ requests }: FakeApi): string {
  const messages = requests.at(-1)?.messages ?? [];
  return messages.flatMap(({ content }) => content.map(({ text }) => text ?? '')).join('\n');
}
