import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import {
  CallToolResultSchema,
  ListPromptsResultSchema,
  ListToolsResultSchema,
  ReadResourceResultSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { processesMarked } from 'claude-pool/testing';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { claudeFile, command, scratch } from './command-line.ts';
import type { Scratch } from './command-line.ts';

const require = createRequire(import.meta.url);
const LIMIT_MS = 20_000;

test("the MCP inspector's command line uses a server over stdio", async () => {
  await using place = await scratch();
  const [program, ...server] = await serverIn(place);
  const ask: Ask = (...question) => inspect(place, [program, ...question, '--', ...server]);

  const { tools } = ListToolsResultSchema.parse(await ask('--method', 'tools/list'));
  const run = await called(ask, 'pool_run', '--tool-arg', 'prompt=hello', 'tags=["greeting"]');

  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['pool_run', 'pool_wait']));
  expect(run.structuredContent).toMatchObject({ state: 'completed', output: 'echo: hello' });
  expect(await processesMarked(place.folder)).toEqual([]);
});

test("the MCP inspector's command line uses a server over HTTP, but not without its token", async () => {
  await using place = await scratch();
  const tokenFile = path.join(place.folder, 'token');
  const [program, ...server] = await serverIn(place);
  const child = execa(program, [...server, '--http', '--port', '0', '--token-file', tokenFile], {
    env: place.env,
    extendEnv: false,
    reject: false,
  });
  const [line] = await once(createInterface(child.stderr), 'line', { signal: AbortSignal.timeout(LIMIT_MS) });
  const [url = ''] = /http:\S+/.exec(line) ?? [];
  const header = `Authorization: Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`;
  const ask: Ask = (...question) => inspect(place, [url, '--header', header, ...question]);

  const { tools } = ListToolsResultSchema.parse(await ask('--method', 'tools/list'));
  const run = await called(ask, 'pool_run', '--tool-arg', 'prompt=hello');
  const status = await called(ask, 'pool_status');
  const lost = await called(ask, 'pool_result', '--tool-arg', 'task_id=task-none');
  const read = ReadResourceResultSchema.parse(
    await ask('--method', 'resources/read', '--uri', 'pool://budget'),
  );
  const { prompts } = ListPromptsResultSchema.parse(await ask('--method', 'prompts/list'));
  const refusal = inspect(place, [url, '--method', 'tools/list']);

  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['pool_run', 'pool_wait']));
  expect(run.structuredContent).toMatchObject({ state: 'completed', output: 'echo: hello' });
  expect(status.structuredContent).toMatchObject({ state: 'open', completed_tasks: 1 });
  expect(lost).toEqual({
    isError: true,
    content: [{ type: 'text', text: expect.stringContaining('TASK_NOT_FOUND') }],
  });
  expect(read.contents).toEqual([expect.objectContaining({ uri: 'pool://budget' })]);
  expect(prompts.map(({ name }) => name)).toEqual(expect.arrayContaining(['code-review', 'summarize']));
  await expect(refusal).rejects.toThrow('bearer token');
  child.kill('SIGTERM');
  expect((await child).exitCode).toBe(143);
  expect(await processesMarked(place.folder)).toEqual([]);
});

/** The command line of a server with a fake Claude behind it. */
async function serverIn({ folder }: Scratch): Promise<readonly [string, ...string[]]> {
  const claude = await claudeFile(folder, { script: { rules: [] } });
  return [...command, 'mcp', '--slots', '1', '--claude', claude, '--cwd', folder];
}

/** Asks a server one thing through the inspector. Resolves with the JSON that it prints. */
type Ask = (...question: readonly string[]) => Promise<unknown>;

async function inspect({ env }: Scratch, args: readonly string[]): Promise<unknown> {
  const file = inspectorFile();
  const { stdout } = await execa(process.execPath, [file, ...args], {
    // From elsewhere it does not find its own manifest.
    cwd: path.dirname(file),
    env,
    extendEnv: false,
    stdin: 'ignore',
    timeout: LIMIT_MS,
  });
  return JSON.parse(stdout);
}

function inspectorFile(): string {
  try {
    return require.resolve('@modelcontextprotocol/inspector-cli/build/index.js');
  } catch (cause) {
    throw new Error('Expected `@modelcontextprotocol/inspector-cli`, got none. Run `npm ci`.', { cause });
  }
}

async function called(ask: Ask, tool: string, ...args: readonly string[]) {
  return CallToolResultSchema.parse(await ask('--method', 'tools/call', '--tool-name', tool, ...args));
}
