/**
 * What a tool call of a running server costs over stdio and over HTTP, beside the SDK's own echo tool in the same run.
 * The client and every server are processes of their own. `pool_run` includes the work of a fake Claude.
 */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { execa } from 'execa';
import { claudeFile, command } from '../faces/command-line.ts';

/** Calls of a round that are made one after the other; as many again times four are made side by side. */
const CALLS = { stdio: 1_000, HTTP: 100 };
const IN_FLIGHT = 32;
const ROUNDS = 5;

type Words = readonly [string, ...string[]];
type Call = Parameters<Client['callTool']>[0];

interface Contender {
  readonly name: string;
  readonly client: Client;
  readonly call: Call;
  readonly calls: number;
}

const folder = await mkdtemp(path.join(tmpdir(), 'claude-pool-bench-'));
const tokenFile = path.join(folder, 'token');
const claude = await claudeFile(folder, { script: { rules: [] } });
const echoFile = fileURLToPath(new URL('mcp-echo.ts', import.meta.url));
const echo: Words = [process.execPath, '--import', 'tsx', echoFile];
const own: Words = [...command, 'mcp', '--tools', 'all', '--claude', claude, '--cwd', folder];
const gone = new AbortController();
const listening: Promise<unknown>[] = [];
const ownOverHttp = await overHttp([...own, '--http', '--port', '0', '--token-file', tokenFile]);
const contenders = [
  ...contendersOf('stdio', await overStdio(own), await overStdio(echo)),
  ...contendersOf('HTTP', ownOverHttp, await overHttp([...echo, '--http'])),
];
const costs = new Map<string, Cost[]>(contenders.map(({ name }) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { name, client, call, calls } of contenders) {
    costs.get(name)?.push(await costOf(() => succeed(client, call), calls));
  }
}
const load = loadavg().map((value) => value.toFixed(1));
console.log(`medians of ${ROUNDS} interleaved rounds, load ${load.join(' ')}`);
console.table(
  [...costs].map(([name, list]) => ({
    name,
    'p50 ms': median(list.map(({ p50 }) => p50)).toFixed(2),
    'p99 ms': median(list.map(({ p99 }) => p99)).toFixed(2),
    [`calls/s, ${IN_FLIGHT} in flight`]: Math.round(median(list.map(({ perSecond }) => perSecond))),
  })),
);
await Promise.all(contenders.map(({ client }) => client.close()));
gone.abort();
await Promise.all(listening);
await rm(folder, { recursive: true });

function contendersOf(transport: keyof typeof CALLS, pool: Client, sdk: Client): readonly Contender[] {
  const calls = CALLS[transport];
  const contender = (client: Client, call: Call) => ({
    name: `${transport}: ${call.name}`,
    client,
    call,
    calls,
  });
  return [
    {
      ...contender(sdk, { name: 'echo', arguments: { text: 'hello' } }),
      name: `${transport}: the SDK's echo`,
    },
    contender(pool, { name: 'context_get', arguments: { key: 'none' } }),
    contender(pool, { name: 'pool_status', arguments: {} }),
    { ...contender(pool, { name: 'pool_run', arguments: { prompt: 'hello' } }), calls: 100 },
  ];
}

async function overStdio([program, ...args]: Words): Promise<Client> {
  const client = newClient();
  await client.connect(new StdioClientTransport({ command: program, args, stderr: 'inherit' }));
  return client;
}

async function overHttp([program, ...args]: Words): Promise<Client> {
  const child = execa(program, args, { cancelSignal: gone.signal, reject: false });
  listening.push(child);
  const [line] = await once(createInterface(child.stderr), 'line');
  const [url = ''] = /http:\S+/.exec(line) ?? [];
  const token = await readFile(tokenFile, 'utf8').catch(() => '');
  const client = newClient();
  const headers = { authorization: `Bearer ${token.trim()}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

function newClient(): Client {
  return new Client({ name: 'bench', version: '1.0.0' });
}

interface Cost {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

async function costOf(call: () => Promise<unknown>, calls: number): Promise<Cost> {
  const waits: number[] = [];
  for (let count = 0; count < calls; count += 1) {
    const asked = performance.now();
    await call();
    waits.push(performance.now() - asked);
  }
  const sorted = waits.toSorted((one, other) => one - other);
  const quantile = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0;
  const together = 4 * calls;
  let left = together;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (left > 0) {
        left -= 1;
        await call();
      }
    }),
  );
  const seconds = (performance.now() - start) / 1_000;
  return { p50: quantile(0.5), p99: quantile(0.99), perSecond: together / seconds };
}

async function succeed(client: Client, call: Call): Promise<void> {
  const { isError, content } = await client.callTool(call);
  if (isError === true) throw new Error(`Expected an answer, got ${JSON.stringify(content)}.`);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
