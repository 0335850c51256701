import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { PoolError } from '../index.ts';
import { httpSessions } from './http/http-sessions.ts';
import { refusalOf } from './http/refusal-of.ts';

/** Where MCP servers are reached over HTTP, and by whom. */
export interface ServeHttpOptions {
  /** Makes a server for each client. */
  readonly newServer: () => Server;
  /** @default 0, any free port */
  readonly port?: number;
  /** What clients must send as `Authorization: Bearer …`. */
  readonly token: string;
  readonly signal?: AbortSignal;
}

/** A server that listens on this machine only. */
export interface McpHttpServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves clients over streamable HTTP at `/mcp`, on the loopback interface. Disposing of it cuts all connections.
 * Rejects with `INVALID_OPTIONS` when the port is taken.
 *
 * @example
 * const token = await bearerToken('/home/me/.claude-pool/mcp-token');
 * await using server = await serveHttp({ newServer: () => mcpServer({ pool }), port: 3100, token });
 */
export async function serveHttp({
  newServer,
  port = 0,
  token,
  signal,
}: ServeHttpOptions): Promise<McpHttpServer> {
  const sessions = httpSessions(newServer);
  const listener = createServer((request, response) => {
    const refusal = refusalOf(request, { port: portOf(listener.address()), token });
    if (refusal === undefined) {
      sessions.handle(request, response).catch(() => response.destroy());
      return;
    }
    const headers = {
      'content-type': 'text/plain',
      ...(refusal.status === 401 && { 'www-authenticate': 'Bearer' }),
    };
    response.writeHead(refusal.status, headers).end(`${refusal.message}\n`);
  });
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening', signal === undefined ? {} : { signal }).catch((cause: unknown) => {
    listener.close();
    signal?.throwIfAborted();
    throw new PoolError('INVALID_OPTIONS', `Expected a free port, got ${port}. Give another \`--port\`.`, {
      cause,
    });
  });
  return {
    url: `http://127.0.0.1:${portOf(listener.address())}/mcp`,
    async [Symbol.asyncDispose]() {
      await sessions.close();
      listener.closeAllConnections();
      await new Promise((resolve) => {
        listener.close(resolve);
      });
    },
  };
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
