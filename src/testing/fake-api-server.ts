import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { sendError } from './fake-api-answer.ts';
import { finalErrorResponse } from './fake-api-error.ts';

/** Answers the requests of one route. The signal aborts when the connection is gone. */
export type Route = (
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
) => void | Promise<void>;

/** A server that listens. */
export interface ListeningServer {
  readonly url: string;
  /** Cuts all connections and frees the port. */
  readonly stop: () => Promise<void>;
}

/** Serves routes, named as `POST /path`, on this machine only. */
export async function serveRoutes(
  routes: Readonly<Record<string, Route>>,
  { port }: { port: number },
): Promise<ListeningServer> {
  const server = createServer((request, response) => {
    answer(routes, request, response).catch((error: unknown) => fail(response, error));
  });
  // An idle connection that the server closes can meet the next request of the CLI, which then counts as a retry.
  server.keepAliveTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { url: urlOf(server), stop: () => stop(server) };
}

async function answer(
  routes: Readonly<Record<string, Route>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const connection = new AbortController();
  response.once('close', () => connection.abort());
  const name = `${request.method} ${request.url?.split('?')[0]}`;
  const route = routes[name];
  if (route !== undefined) return route(request, response, connection.signal);
  sendError(response, finalErrorResponse({ status: 404, message: `Nothing is served at ${name}` }));
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.closed || response.headersSent) return void response.destroy();
  sendError(response, finalErrorResponse({ status: 500, message: String(error) }));
}

function urlOf(server: Server): string {
  const address = server.address();
  return address === null || typeof address === 'string' ? '' : `http://127.0.0.1:${address.port}`;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
