import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { PoolError } from '../../index.ts';
import type { Desk } from '../desk/desk.ts';
import { packageVersion } from '../package-version.ts';
import { takePlace } from './socket-place.ts';
import { CALLS, errorReply, STREAMS, WIRE } from './wire.ts';
import type { Greeting } from './wire.ts';

/** How long an answer may take to reach its client when the server ends, in milliseconds. */
const LAST_WORDS_MS = 1_000;

/** A desk that the user's other processes can reach. */
export interface DeskServer extends AsyncDisposable {
  readonly socket: string;
}

/**
 * Serves a desk over HTTP on a socket in the state folder: `POST /1/<call>` with the call's object as JSON. Call it
 * when the pool holds the folder. Who leaves before he is answered aborts his call.
 */
export async function deskServer(desk: Desk, stateDir: string): Promise<DeskServer> {
  const place = takePlace(stateDir);
  const open = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    if (request.url === '/alive') return stayOpen(response);
    const answered = answer(desk, request, response).catch(() => void response.destroy());
    open.add(answered);
    void answered.then(() => open.delete(answered));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await listen(server, place.path);
  return {
    socket: place.path,
    async [Symbol.asyncDispose]() {
      server.close();
      place[Symbol.dispose]();
      await Promise.race([Promise.all(open), setTimeout(LAST_WORDS_MS, undefined, { ref: false })]);
      for (const socket of sockets) socket.unref();
    },
  };
}

/** Nobody but the user may connect: the mask holds from the moment that the socket exists. */
async function listen(server: ReturnType<typeof createServer>, socket: string): Promise<void> {
  const mask = process.umask(0o177);
  try {
    server.listen(socket);
  } finally {
    process.umask(mask);
  }
  await once(server, 'listening');
}

/** The operating system ends it, with this process. */
function stayOpen(response: ServerResponse): void {
  response.writeHead(200).flushHeaders();
}

async function answer(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new PoolError('CANCELLED', 'The client has left.')));
  const [, wire, name = ''] = request.url?.split('/') ?? [];
  if (wire !== String(WIRE)) return reply(response, greeting());
  const call = CALLS.find((each) => each === name);
  const stream = STREAMS.find((each) => each === name);
  try {
    const given = { ...(await bodyOf(request)), signal: gone.signal };
    if (stream !== undefined) return await replyWithLines(response, await desk[stream](given as never));
    if (call === undefined) throw new PoolError('INVALID_OPTIONS', `Expected a call, got \`${name}\`.`);
    const value: unknown = await desk[call](given as never);
    reply(response, { value });
  } catch (error) {
    reply(response, errorReply(error));
  }
  if (!response.destroyed) await finished(response);
}

async function bodyOf(request: IncomingMessage): Promise<object> {
  try {
    return Object(await json(request));
  } catch (cause) {
    throw new PoolError('INVALID_OPTIONS', 'Expected one object as JSON.', { cause });
  }
}

function greeting(): Greeting {
  return { wire: WIRE, version: packageVersion(), pid: process.pid };
}

function reply(response: ServerResponse, body: object): void {
  if (response.headersSent) return;
  response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

async function replyWithLines(response: ServerResponse, items: AsyncIterable<unknown>): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
  await pipeline(Readable.from(linesOf(items)), response);
}

async function* linesOf(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  try {
    for await (const value of items) yield `${JSON.stringify({ value })}\n`;
  } catch (error) {
    yield `${JSON.stringify(errorReply(error))}\n`;
  }
}
