import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { PoolError } from '../../index.ts';
import type { Desk } from '../desk/desk.ts';
import { packageVersion } from '../package-version.ts';
import { socketOf } from './socket-place.ts';
import { CALLS, STREAMS, valueOf, WIRE } from './wire.ts';
import type { Greeting, Reply } from './wire.ts';

/** A process that does not greet for so long does not run as it should. In milliseconds. */
const GREETING_MS = 5_000;

/** The desk of a pool in another process. */
export interface RemoteDesk {
  readonly desk: Desk;
  readonly server: Greeting;
  /** Resolves when the process of the server has ended. */
  readonly ended: (signal: AbortSignal) => Promise<void>;
}

/**
 * The pool that works on the folder, as far as one can be reached there: undefined when none runs.
 * Rejects with `POOL_UNREACHABLE` when what runs there does not answer, or speaks another wire.
 */
export async function remoteDesk(stateDir: string, signal: AbortSignal): Promise<RemoteDesk | undefined> {
  const socket = socketOf(stateDir);
  const server = await greetingAt(socket, signal);
  if (server === undefined) return undefined;
  if (server.wire !== WIRE) throw strange(stateDir, server);
  return { desk: deskAt(socket), server, ended: (until) => endOf(socket, until) };
}

function deskAt(socket: string): Desk {
  const calls = CALLS.map((name) => {
    const call = async (given: Call = {}): Promise<unknown> => valueOf(await replyTo(socket, name, given));
    return [name, call] as const;
  });
  const streams = STREAMS.map((name) => {
    const call = async (given: Call = {}): Promise<AsyncIterable<unknown>> =>
      itemsOf(await ask(socket, `/${WIRE}/${name}`, given), given.signal);
    return [name, call] as const;
  });
  // The names are those of a desk, and both ends are typed by it.
  return Object.fromEntries<unknown>([...calls, ...streams]) as never;
}

type Call = { readonly signal?: AbortSignal } & Readonly<Record<string, unknown>>;

async function replyTo(socket: string, name: string, call: Call): Promise<Reply> {
  try {
    return (await json(await ask(socket, `/${WIRE}/${name}`, call))) as Reply;
  } catch (error) {
    throw call.signal?.aborted === true ? call.signal.reason : lost(error);
  }
}

async function* itemsOf(response: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator {
  try {
    for await (const line of createInterface({ input: response })) yield valueOf(JSON.parse(line));
  } finally {
    response.destroy();
  }
  signal?.throwIfAborted();
  if (!response.complete) throw lost();
}

/** Resolves with the response as soon as its head is there. Rejects with the signal's reason. */
function ask(socket: string, path: string, { signal, ...body }: Call): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const asked = request(
      { socketPath: socket, method: 'POST', path, agent: false, ...(signal && { signal }) },
      resolve,
    );
    asked.on('error', (error) => reject(signal?.aborted === true ? signal.reason : error));
    asked.end(JSON.stringify(body));
  });
}

async function greetingAt(socket: string, signal: AbortSignal): Promise<Greeting | undefined> {
  const patience = AbortSignal.timeout(GREETING_MS);
  try {
    const response = await ask(socket, '/', { signal: AbortSignal.any([signal, patience]) });
    return (await json(response)) as Greeting;
  } catch (error) {
    signal.throwIfAborted();
    if (isCode(error, 'ENOENT') || isCode(error, 'ECONNREFUSED')) return undefined;
    const why = patience.aborted ? 'it does not answer' : String(error);
    const message = `Expected the pool at \`${socket}\` to answer, but ${why}. Its process is in \`pool.owner.json\` beside.`;
    throw new PoolError('POOL_UNREACHABLE', message, { cause: error });
  }
}

async function endOf(socket: string, signal: AbortSignal): Promise<void> {
  const response = await ask(socket, '/alive', { signal });
  response.resume();
  // However it ends: only the end of the process ends it.
  await finished(response).catch(() => signal.throwIfAborted());
}

function strange(stateDir: string, { version, pid }: Greeting): PoolError {
  const message = `Expected the pool on \`${stateDir}\` to be of claude-pool ${packageVersion()}, got one of ${version} (process ${pid}). Use that version, or stop the process and start it anew.`;
  return new PoolError('POOL_UNREACHABLE', message);
}

function lost(cause?: unknown): PoolError {
  const message =
    'The pool has ended while it was asked. Its tasks are kept: they go on when it is started anew.';
  return new PoolError('POOL_UNREACHABLE', message, { cause });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
