import { readFile, readdir, readlink, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { claudeDriver } from '../../src/claude/driver.ts';
import { mcpConfig } from '../../src/claude/mcp-config.ts';
import { fakeApi } from '../../src/testing/fake-api.ts';
import { realClaude } from '../../src/testing/real-claude.ts';
import { scratchHome } from '../../src/testing/scratch-home.ts';

const isLinux = process.platform === 'linux';
const SECRET = 'not-for-everybody';
const { signal } = new AbortController();

/** An MCP server with one tool, that tells a variable of its environment. */
const SERVER = `
  const answer = (id, result) => console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (method === 'initialize') {
      const serverInfo = { name: 'tiny', version: '1.0.0' };
      answer(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo });
    } else if (method === 'tools/list') {
      answer(id, { tools: [{ name: 'tell', description: 'Tells.', inputSchema: { type: 'object' } }] });
    } else if (method === 'tools/call') {
      answer(id, { content: [{ type: 'text', text: 'told: ' + process.env.TINY_SECRET }] });
    } else if (id !== undefined) answer(id, {});
  });`;
const tiny = { command: process.execPath, args: ['-e', SERVER], env: { TINY_SECRET: SECRET } };

test('without servers there is nothing to hand over', () => {
  expect([mcpConfig().argument, mcpConfig({}).argument]).toEqual([undefined, undefined]);
});

test.runIf(isLinux)(
  'definitions can be read by the same user only, and by nobody when they are released',
  async () => {
    const { argument = '', release } = mcpConfig({ tiny: { command: 'tiny' } });
    const { mode, nlink } = await stat(argument);

    const { stdout } = await execa('cat', [argument]);
    release();

    expect([(mode & 0o777).toString(8), nlink]).toEqual(['600', 0]);
    expect(JSON.parse(stdout)).toEqual({ mcpServers: { tiny: { command: 'tiny' } } });
    await expect(readFile(argument)).rejects.toThrow(/ENOENT/);
  },
);

test.runIf(isLinux)('a host that is killed leaves no definitions behind', async () => {
  const before = await leftovers();
  const module = new URL('../../dist/src/claude/mcp-config.js', import.meta.url);
  const script = `
    import { mcpConfig } from ${JSON.stringify(module.href)};
    mcpConfig({ tiny: { command: 'tiny' } });
    process.kill(process.pid, 'SIGKILL');`;

  const { signal: killedBy } = await execa(process.execPath, ['--input-type=module', '--eval', script], {
    reject: false,
  });

  expect([killedBy, await leftovers()]).toEqual(['SIGKILL', before]);
});

for (const age of ['newest', 'oldest'] as const) {
  test.runIf(isLinux)(
    `the ${age} CLI uses servers that stand on no command line and in no folder`,
    async () => {
      const use = { toolUse: { name: 'mcp__tiny__tell', input: {} } };
      await using api = await fakeApi({
        script: { rules: [{ when: 'use', answers: [use, { text: 'used' }] }] },
      });
      await using home = await scratchHome({ url: api.url });
      const driver = claudeDriver({ command: realClaude(age).command, env: home.env, cwd: home.cwd });
      const before = [await leftovers(), await heldFiles()];
      const session = await driver.open(
        { slotId: 'slot-0', tools: ['Bash'], permissionMode: 'bypassPermissions', mcpServers: { tiny } },
        { signal },
      );

      const commandLine = await readFile(`/proc/${session.pid ?? 0}/cmdline`, 'utf8');
      const during = await leftovers();
      const first = await session.run({ prompt: 'use it' }, { signal });
      await session.clear({ signal });
      const second = await session.run({ prompt: 'use it' }, { signal });
      const told = JSON.stringify(api.requests.at(-1)?.messages);
      await session.close();

      expect([commandLine.includes('--mcp-config'), commandLine.includes(SECRET)]).toEqual([true, false]);
      expect([first, second].map(({ evidence }) => evidence.result?.denials)).toEqual([[], []]);
      expect(told).toContain(`told: ${SECRET}`);
      expect([during, await leftovers(), await heldFiles()]).toEqual([before[0], ...before]);
    },
  );
}

test.runIf(isLinux)('a CLI that crashes leaves no definitions behind', async () => {
  await using api = await fakeApi({ script: { rules: [] } });
  await using home = await scratchHome({ url: api.url });
  const driver = claudeDriver({ command: realClaude('newest').command, env: home.env, cwd: home.cwd });
  const before = [await leftovers(), await heldFiles()];
  const session = await driver.open({ slotId: 'slot-0', mcpServers: { tiny } }, { signal });

  process.kill(session.pid ?? 0, 'SIGKILL');
  await session.exited;

  expect([await leftovers(), await heldFiles()]).toEqual(before);
});

async function leftovers(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('claude-pool-unnamed-'));
}

/** Files without a name that this process holds open. */
async function heldFiles(): Promise<readonly string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const targets = await Promise.all(
    descriptors.map((descriptor) => readlink(`/proc/self/fd/${descriptor}`).catch(() => '')),
  );
  return targets.filter((target) => /claude-pool-unnamed-/.test(target));
}
