import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

/** A client may forget to end its session: the one that was silent for longest makes room for a new one. */
const MOST_SESSIONS = 64;

/** The sessions of HTTP clients, each with a server of its own. */
export interface HttpSessions {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

export function httpSessions(newServer: () => Server): HttpSessions {
  const open = new Map<string, StreamableHTTPServerTransport>();

  async function begin(): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void open.set(id, transport),
      onsessionclosed: (id) => void open.delete(id),
    });
    await newServer().connect(transport);
    return transport;
  }

  async function makeRoom(): Promise<void> {
    const [oldest] = open;
    if (oldest === undefined || open.size <= MOST_SESSIONS) return;
    const [id, transport] = oldest;
    open.delete(id);
    await transport.close();
  }

  return {
    async handle(request, response) {
      const id = request.headers['mcp-session-id'];
      const known = typeof id === 'string' ? open.get(id) : undefined;
      if (typeof id === 'string' && known !== undefined) {
        open.delete(id);
        open.set(id, known);
        return known.handleRequest(request, response);
      }
      if (id !== undefined) return refuse(response);
      const transport = await begin();
      try {
        await transport.handleRequest(request, response);
      } finally {
        if (transport.sessionId === undefined) await transport.close();
      }
      await makeRoom();
    },
    async close() {
      await Promise.all([...open.values()].map((transport) => transport.close()));
    },
  };
}

/** The protocol wants 404, so that the client begins anew. */
function refuse(response: ServerResponse): void {
  const error = { code: -32_001, message: 'Expected a session of this server. Initialize a new one.' };
  response.writeHead(404, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
}
