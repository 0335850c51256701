/** What a tool call of a running server costs, beside the SDK's own echo tool in the same run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';
import { claudeFile, command } from '../faces/command-line.ts';

const SERIAL = 1_000;
const TOGETHER = 4_000;
const IN_FLIGHT = 32;
const ROUNDS = 5;

if (process.argv.includes('--echo')) await serveEcho();
else await measure();

async function serveEcho(): Promise<void> {
  const server = new McpServer({ name: 'echo', version: '1.0.0' });
  server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text }) => ({
    content: [{ type: 'text', text }],
  }));
  await server.connect(new StdioServerTransport());
}

async function measure(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'claude-pool-bench-'));
  const claude = await claudeFile(folder, { script: { rules: [] } });
  const [program, ...before] = command;
  const own = await connected(program, [
    ...before,
    'mcp',
    '--tools',
    'all',
    '--claude',
    claude,
    '--cwd',
    folder,
  ]);
  const echo = await connected(program, ['--import', 'tsx', fileURLToPath(import.meta.url), '--echo']);
  const contenders = [
    { name: "the SDK's echo", client: echo, call: { name: 'echo', arguments: { text: 'hello' } } },
    { name: 'context_get', client: own, call: { name: 'context_get', arguments: { key: 'none' } } },
    { name: 'pool_status', client: own, call: { name: 'pool_status', arguments: {} } },
    {
      name: 'pool_run, fake Claude',
      client: own,
      call: { name: 'pool_run', arguments: { prompt: 'hello' } },
    },
  ];
  const costs = new Map<string, Cost[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, client, call } of contenders) {
      const share = name.startsWith('pool_run') ? 10 : 1;
      costs.get(name)?.push(await costOf(() => succeed(client, call), share));
    }
  }
  console.log(`medians of ${ROUNDS} interleaved rounds`);
  console.table(
    [...costs].map(([name, list]) => ({
      name,
      'p50 ms': median(list.map(({ p50 }) => p50)).toFixed(2),
      'p99 ms': median(list.map(({ p99 }) => p99)).toFixed(2),
      [`calls/s, ${IN_FLIGHT} in flight`]: Math.round(median(list.map(({ perSecond }) => perSecond))),
    })),
  );
  await Promise.all([own.close(), echo.close()]);
  await rm(folder, { recursive: true });
}

interface Cost {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

async function costOf(call: () => Promise<unknown>, share: number): Promise<Cost> {
  const waits: number[] = [];
  for (let count = 0; count < SERIAL / share; count += 1) {
    const asked = performance.now();
    await call();
    waits.push(performance.now() - asked);
  }
  const sorted = waits.toSorted((one, other) => one - other);
  const quantile = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0;
  let left = TOGETHER / share;
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
  return { p50: quantile(0.5), p99: quantile(0.99), perSecond: TOGETHER / share / seconds };
}

async function succeed(client: Client, call: Parameters<Client['callTool']>[0]): Promise<void> {
  const { isError, content } = await client.callTool(call);
  if (isError === true) throw new Error(`Expected an answer, got ${JSON.stringify(content)}.`);
}

async function connected(program: string, args: string[]): Promise<Client> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(new StdioClientTransport({ command: program, args, stderr: 'inherit' }));
  return client;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
