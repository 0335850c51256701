import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fakeApi, realClaude, scratchHome } from 'claude-pool/testing';
import type { FakeApi, Rule } from 'claude-pool/testing';
import { createPool } from 'claude-pool';
import type { PermissionMode } from 'claude-pool';
import { expect, test } from 'vitest';

const RULES: readonly Rule[] = [
  { when: 'TOUCH', answers: [bash('touch touched.txt'), { text: 'Done.' }] },
  { when: 'ENVIRONMENT', answers: [bash('env > env.txt'), { text: 'Done.' }] },
];

for (const age of ['newest', 'oldest'] as const) {
  test(`${age}: in plan mode Claude changes nothing, but hooks run and a prompt reads any file`, async () => {
    await using stage = await house();

    const { denials } = await stage.ask(age, 'plan', `TOUCH what stands in @${stage.secret} .`);

    expect(denials.map(({ toolName }) => toolName)).toEqual(['Bash']);
    expect(JSON.stringify(stage.api.requests.at(-1))).toContain('the text of a file elsewhere');
    expect(await stage.has('hook-ran.txt')).toBe(true);
    expect(await stage.has('server-ran.txt')).toBe(false);
    expect(await stage.has('touched.txt')).toBe(false);
  });

  test(`${age}: with everything allowed a command sees Claude's own credentials, and no other secret`, async () => {
    await using stage = await house();

    await stage.ask(age, 'bypassPermissions', 'Print the ENVIRONMENT.');

    const variables = await readFile(path.join(stage.cwd, 'env.txt'), 'utf8');
    expect(variables).toContain('ANTHROPIC_API_KEY=sk-ant-api03-fake');
    expect(variables).not.toContain('GITHUB_TOKEN');
  });
}

/** A repository whose settings have a hook and a server of their own. */
async function house() {
  const api: FakeApi = await fakeApi({ script: { rules: RULES } });
  const home = await scratchHome({ url: api.url });
  const secret = path.join(path.dirname(home.cwd), 'elsewhere.txt');
  const hook = { type: 'command', command: 'touch hook-ran.txt' };
  const server = { command: 'touch', args: [path.join(home.cwd, 'server-ran.txt')] };
  await mkdir(path.join(home.cwd, '.claude'));
  await writeJson('.claude/settings.json', { hooks: { UserPromptSubmit: [{ hooks: [hook] }] } });
  await writeJson('.mcp.json', { mcpServers: { server } });
  await writeFile(secret, 'the text of a file elsewhere');
  process.env['GITHUB_TOKEN'] = 'ghp_of_the_host';

  function writeJson(file: string, content: object): Promise<void> {
    return writeFile(path.join(home.cwd, file), JSON.stringify(content));
  }

  return {
    api,
    secret,
    cwd: home.cwd,
    has: (file: string) =>
      stat(path.join(home.cwd, file)).then(
        () => true,
        () => false,
      ),
    async ask(age: 'newest' | 'oldest', permissionMode: PermissionMode, prompt: string) {
      const claude = { command: realClaude(age).command, env: home.env, cwd: home.cwd };
      await using pool = await createPool({ slots: 1, permissionMode, retries: 0, claude });
      return await pool.run(prompt);
    },
    async [Symbol.asyncDispose]() {
      delete process.env['GITHUB_TOKEN'];
      await api.stop();
      await home[Symbol.asyncDispose]();
      await rm(secret, { force: true });
    },
  };
}

function bash(command: string) {
  return { toolUse: { name: 'Bash', input: { command, description: 'Tries it.' } } };
}
