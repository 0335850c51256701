/** A server with the SDK's own means that gives back what it gets: over stdio, or over HTTP with `--http`. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

const server = new McpServer({ name: 'echo', version: '1.0.0' });
server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text }) => ({
  content: [{ type: 'text', text }],
}));
await (process.argv.includes('--http') ? serveHttp() : server.connect(new StdioServerTransport()));

async function serveHttp(): Promise<void> {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
  await server.connect(transport);
  const listener = createServer((request, response) => void transport.handleRequest(request, response));
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const address = listener.address();
  process.stderr.write(`Serving http://127.0.0.1:${Object(address).port}/mcp\n`);
}
