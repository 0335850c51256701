import type { Stream } from 'node:stream';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js';
import { processesMarked } from 'claude-pool/testing';
import type { FakeClaudeOptions } from 'claude-pool/testing';
import { claudeFile, command, scratch } from './command-line.ts';
import type { Scratch } from './command-line.ts';

interface StageOptions extends FakeClaudeOptions {
  /** Whether the pool is kept in the folder `state` of the place. */
  readonly isKept?: boolean;
  readonly flags?: readonly string[];
  readonly capabilities?: ClientCapabilities;
}

/** A client of a server that runs as a process of its own, with a fake Claude behind it. */
export interface McpStage extends AsyncDisposable {
  readonly client: Client;
  readonly pid: number;
  readonly stderr: Stream | null;
  readonly place: Scratch;
  /** Calls a tool and gives its structured answer. */
  ask(name: string, args?: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  /** Calls a tool and gives the error that it tells. */
  fail(name: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Ends stdin. Resolves when no process is left. */
  leave(): Promise<readonly unknown[]>;
}

export async function mcpStage({
  flags = [],
  capabilities = {},
  isKept = false,
  ...fake
}: StageOptions): Promise<McpStage> {
  const place = await scratch();
  const [program, ...before] = command;
  const claude = await claudeFile(place.folder, fake);
  const kept = isKept ? ['--state-dir', path.join(place.folder, 'state')] : [];
  const transport = new StdioClientTransport({
    command: program,
    args: [...before, 'mcp', '--claude', claude, '--cwd', place.folder, ...kept, ...flags],
    env: place.env,
    stderr: flags.includes('--inspect') ? 'pipe' : 'inherit',
  });
  const client = new Client({ name: 'stage', version: '1.0.0' }, { capabilities });
  await client.connect(transport);
  await client.listTools();

  async function call(name: string, args: Readonly<Record<string, unknown>> = {}) {
    return CallToolResultSchema.parse(await client.callTool({ name, arguments: args }));
  }

  async function leave(): Promise<readonly unknown[]> {
    await client.close();
    return processesMarked(place.folder);
  }

  return {
    client,
    pid: transport.pid ?? 0,
    stderr: transport.stderr,
    place,
    async ask(name, args) {
      const { structuredContent = {}, isError, content } = await call(name, args);
      if (isError === true) throw new Error(JSON.stringify(content));
      return structuredContent;
    },
    async fail(name, args) {
      const { isError, content } = await call(name, args);
      const [first] = content;
      if (isError !== true || first?.type !== 'text') throw new Error(JSON.stringify(content));
      return JSON.parse(first.text);
    },
    leave,
    async [Symbol.asyncDispose]() {
      await leave();
      await place[Symbol.asyncDispose]();
    },
  };
}
