import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { fakeClaude } from 'claude-pool/testing';
import type { Rule } from 'claude-pool/testing';
import { createPool } from '../../src/index.ts';
import type { PoolOptions } from '../../src/index.ts';
import { mcpServer } from '../../src/mcp/mcp-server.ts';
import type { McpServerOptions } from '../../src/mcp/mcp-server.ts';

/** A client of a server in this process, with a fake Claude behind it. */
export async function inMemory(
  options: Omit<McpServerOptions, 'pool'>,
  rules: readonly Rule[] = [],
  place: Pick<PoolOptions, 'repository' | 'worktreeDir'> = {},
) {
  const pool = await createPool({
    claude: fakeClaude({
      script: { rules: [{ when: 'louder', answers: [{ text: 'louder: hello' }] }, ...rules] },
    }),
    skills: { project: false, global: false },
    ...place,
  });
  const [near, far] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities: { elicitation: {} } });
  await mcpServer({ pool, ...options }).connect(far);
  await client.connect(near);
  await client.listTools();
  return {
    client,
    pool,
    async ask(name: string, args: Readonly<Record<string, unknown>> = {}) {
      const result = CallToolResultSchema.parse(await client.callTool({ name, arguments: args }));
      if (result.isError === true) throw new Error(JSON.stringify(result.content));
      return result.structuredContent ?? {};
    },
    async read(uri: string): Promise<unknown> {
      const { contents } = await client.readResource({ uri });
      const [first] = contents;
      return first !== undefined && 'text' in first ? JSON.parse(first.text) : undefined;
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await pool.drain({ timeoutMs: 0 });
    },
  };
}
