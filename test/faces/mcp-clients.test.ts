import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { fakeApi, fakeClaude, processesMarked, realClaude, scratchHome } from 'claude-pool/testing';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { createPool } from '../../src/index.ts';
import { bearerToken } from '../../src/mcp/http/bearer-token.ts';
import { mcpServer } from '../../src/mcp/mcp-server.ts';
import { serveHttp } from '../../src/mcp/serve-http.ts';
import { claudeFile, command, scratch } from './command-line.ts';

const script = { rules: [] };
const FLAGS = '--output-format json --model haiku --strict-mcp-config --allowedTools mcp__claude-pool'.split(
  ' ',
);

test('the real Claude CLI coordinates a pool of real Claude CLIs', async () => {
  const fanOut = use('pool_fan_out', { prompts: ['worker one', 'worker two'], model: 'haiku' });
  await using api = await fakeApi({
    script: {
      rules: [{ when: 'coordinate', answers: [fanOut, use('pool_status', {}), { text: 'all done' }] }],
    },
  });
  await using home = await scratchHome({ url: api.url });
  const { command: claude } = realClaude('newest');
  const [program, ...before] = command;
  const server = { command: program, args: [...before, 'mcp', '--claude', claude, '--cwd', home.cwd] };
  const config = JSON.stringify({ mcpServers: { 'claude-pool': server } });

  const { stdout } = await execa(claude, ['-p', 'coordinate the work', ...FLAGS, '--mcp-config', config], {
    env: { ...home.env, ENABLE_TOOL_SEARCH: 'false' },
    extendEnv: false,
    cwd: home.cwd,
    stdin: 'ignore',
  });

  const told = JSON.stringify(api.requests.filter(({ prompt }) => prompt.includes('coordinate')).at(-1));
  expect(JSON.parse(stdout)).toMatchObject({ result: 'all done', permission_denials: [] });
  expect(told).toContain('echo: worker one');
  expect(told).toContain('echo: worker two');
  expect(told).toMatch(/completed_tasks[^0-9]*2/);
  await expect.poll(() => processesMarked(home.cwd), { timeout: 5_000 }).toEqual([]);
}, 30_000);

test('a flood of malformed requests changes nothing and kills nothing', async () => {
  await using place = await scratch();
  const server = serverOf(place, await claudeFile(place.folder, { script }));
  const answers = new Map<unknown, unknown>();
  const lines = createInterface({ input: server.stdout });
  lines.on('line', (line) => {
    const { id, result } = JSON.parse(line);
    answers.set(id, result);
  });
  const send = (message: unknown): void => void server.stdin.write(`${JSON.stringify(message)}\n`);

  send(INITIALIZE);
  for (let round = 0; round < 200; round += 1) for (const line of MALFORMED) server.stdin.write(`${line}\n`);
  server.stdin.write(`${'x'.repeat(12 * 2 ** 20)}\n`);
  send({ jsonrpc: '2.0', id: 'last', method: 'tools/call', params: { name: 'pool_status', arguments: {} } });
  await expect
    .poll(() => answers.get('last'), { timeout: 20_000, interval: 100 })
    .toMatchObject({
      structuredContent: { state: 'open', spend_usd: 0, active_tasks: 0, pending_tasks: 0, failed_tasks: 0 },
    });
  server.stdin.end();

  expect((await server).exitCode).toBe(0);
  expect(await processesMarked(place.folder)).toEqual([]);
}, 30_000);

test('SIGTERM ends the pool with all its processes', async () => {
  await using place = await scratch();
  const server = serverOf(place, await claudeFile(place.folder, { script }));
  server.stdin.write(`${JSON.stringify(INITIALIZE)}\n`);
  await once(server.stdout, 'data');

  server.kill('SIGTERM');

  expect((await server).exitCode).toBe(143);
  expect(await processesMarked(place.folder)).toEqual([]);
});

test('over HTTP a client needs the token, and a page of the web gets nothing', async () => {
  await using place = await scratch();
  await using pool = await createPool({ claude: fakeClaude({ script }) });
  const file = path.join(place.folder, 'state', 'token');
  const token = await bearerToken(file);
  await using face = await serveHttp({ newServer: () => mcpServer({ pool }), token });
  const authorization = `Bearer ${token}`;

  const { client, transport } = await httpClient(face.url, authorization);
  const answer = await client.callTool({ name: 'pool_run', arguments: { prompt: 'hello' } });
  await transport.terminateSession();
  await client.close();

  expect(answer.structuredContent).toMatchObject({ output: 'echo: hello' });
  expect((await fetch(face.url)).headers.get('www-authenticate')).toBe('Bearer');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await bearerToken(file)).toBe(token);
  expect([
    await statusOf(face.url, {}),
    await statusOf(face.url, { authorization: 'Bearer guessed' }),
    await statusOf(face.url, { authorization, host: 'evil.example' }),
    await statusOf(face.url, { authorization, origin: 'https://evil.example' }),
    await statusOf(face.url, { authorization, 'mcp-session-id': 'none' }),
  ]).toEqual([401, 401, 403, 403, 404]);
});

test('two clients share a pool, and the end of one takes only its own calls along', async () => {
  const never = { when: 'never', answers: [{ silence: true as const }] };
  await using pool = await createPool({ claude: fakeClaude({ script: { rules: [never] } }) });
  await using face = await serveHttp({ newServer: () => mcpServer({ pool }), token: 'token' });
  const [one, other] = [await httpClient(face.url), await httpClient(face.url)];

  const lost = Promise.allSettled([run(one.client, 'never')]);
  await expect.poll(() => pool.status().activeTasks).toBe(1);
  const kept = run(other.client, 'hello');
  await one.transport.terminateSession();
  await one.client.close();

  expect((await kept).structuredContent).toMatchObject({ state: 'completed', output: 'echo: hello' });
  expect(await lost).toMatchObject([{ status: 'rejected' }]);
  await expect.poll(() => pool.tasks({ tag: 'never' })).toMatchObject([{ state: 'cancelled' }]);
  await other.client.close();
});

test('the session that was silent for longest makes room for a new one', async () => {
  await using pool = await createPool({ claude: fakeClaude({ script }) });
  await using face = await serveHttp({ newServer: () => mcpServer({ pool }), token: 'token' });
  const post = (message: unknown, session?: string): Promise<Response> =>
    fetch(face.url, {
      method: 'POST',
      headers: {
        authorization: 'Bearer token',
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(session !== undefined && { 'mcp-session-id': session }),
      },
      body: JSON.stringify(message),
    });
  const begin = async (): Promise<string> => (await post(INITIALIZE)).headers.get('mcp-session-id') ?? '';
  const ping = async (session: string): Promise<number> =>
    (await post({ jsonrpc: '2.0', id: 1, method: 'ping' }, session)).status;
  const [first, second] = [await begin(), await begin()];
  for (let count = 2; count < 64; count += 1) await begin();

  await ping(first);
  await begin();

  expect([await ping(first), await ping(second)]).toEqual([200, 404]);
});

function use(name: string, input: Readonly<Record<string, unknown>>) {
  return { toolUse: { name: `mcp__claude-pool__${name}`, input } };
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 'first',
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'flood', version: '1.0.0' },
  },
};

const MALFORMED = [
  '',
  'not JSON',
  '{"jsonrpc":"2.0"',
  '[]',
  'null',
  '{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
  '{"jsonrpc":"2.0","id":2,"method":"no/such"}',
  '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{}}',
  '{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"pool_run","arguments":{"prompt":7}}}',
  '{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"__proto__","arguments":{}}}',
  '{"jsonrpc":"2.0","id":6,"method":"resources/read","params":{"uri":"file:///etc/passwd"}}',
  '{"jsonrpc":"2.0","id":7,"method":"prompts/get","params":{"name":"../../x"}}',
  '{"jsonrpc":"2.0","id":8,"result":{}}',
  '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}',
];

function run(client: Client, prompt: string) {
  return client.callTool({ name: 'pool_run', arguments: { prompt, tags: [prompt] } });
}

function serverOf({ folder, env }: Awaited<ReturnType<typeof scratch>>, claude: string) {
  const [program, ...before] = command;
  const args = [...before, 'mcp', '--claude', claude, '--cwd', folder];
  return execa(program, args, { env, extendEnv: false, buffer: false, reject: false });
}

async function httpClient(url: string, authorization = 'Bearer token') {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const requestInit = { headers: { authorization } };
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit });
  await client.connect(transport);
  return { client, transport };
}

/** Sent by hand: `fetch` sets the host itself. */
async function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const asked = request(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } });
  asked.end('{}');
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
}
