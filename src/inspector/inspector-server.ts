import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { allMachines } from '../diagrams/all-machines.ts';
import { statelyConfigOf } from '../diagrams/stately.ts';
import { PoolError } from '../index.ts';
import type { History, Pool } from '../index.ts';
import { admittedPath } from './admission.ts';
import { chartOf } from './chart.ts';
import type { InspectionFeed } from './inspection-feed.ts';
import { pageFile } from './page-files.ts';
import { pastScene } from './past-scene.ts';
import { poolScene } from './pool-scene.ts';
import type { Scene } from './scene.ts';
import { serveViewer } from './viewer.ts';
import type { Viewer } from './viewer.ts';

/** What is shown: a pool that works, or what one has kept in its `stateDir`. */
export type InspectorServerOptions = (LivePool | PastPool) & {
  /** On 127.0.0.1. @default 0: any that is free */
  readonly port?: number;
};

interface LivePool {
  readonly pool: Pool;
  /** The one whose `observe` the pool was created with. */
  readonly feed: InspectionFeed;
}

interface PastPool {
  /** Stays open until the server is disposed. */
  readonly history: History;
  /** Number of the last event to show. @default what there is, and what comes */
  readonly until?: number;
}

/** A page that shows a pool. Disposing it closes the page's connection. */
export interface InspectorServer extends AsyncDisposable {
  /** With the token; who has it can approve, reject and cancel. */
  readonly url: string;
  /** Resolves when somebody looks. */
  readonly viewed: Promise<void>;
}

const MOST_VIEWERS = 8;
const LONGEST_BODY = 64_000;
/** How long the last lines may take to arrive. */
const LAST_WORDS_MS = 500;

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * Serves the page on this machine only. Without the token in its path a request gets nothing.
 * Rejects with `INVALID_OPTIONS` when the port is taken.
 *
 * @example
 * const feed = inspectionFeed();
 * await using pool = await createPool({ inspect: feed.observe });
 * await using server = await inspectorServer({ pool, feed });
 * console.log(server.url);
 */
export async function inspectorServer({
  port = 0,
  ...shown
}: InspectorServerOptions): Promise<InspectorServer> {
  const token = randomBytes(24).toString('base64url');
  const life = new AbortController();
  const scene = await sceneOf(shown, life.signal);
  const viewers = new Set<Viewer>();
  let firstView: (() => void) | undefined;
  const viewed = new Promise<void>((resolve) => {
    firstView = resolve;
  });

  function view(response: ServerResponse): void {
    if (viewers.size >= MOST_VIEWERS) return answer(response, 429);
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    const viewer = serveViewer(response, scene);
    viewers.add(viewer);
    response.on('close', () => viewers.delete(viewer));
    firstView?.();
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = admittedPath(request, { token, port: portOf(server) });
    if (path === undefined) return answer(response, 403);
    if (request.method === 'POST' && path === 'orders') return order(request, response);
    if (request.method !== 'GET') return answer(response, 405);
    if (path === 'stream') return view(response);
    if (path === 'charts') return answer(response, 200, allMachines.map(chartOf));
    if (path === 'definitions') return answer(response, 200, allMachines.map(statelyConfigOf));
    if (/^board\/\d+$/.test(path))
      return answer(response, 200, scene.board(Number(path.slice('board/'.length))));
    if (path.startsWith('actors/')) {
      const detail = await scene.detail(decodeURIComponent(path.slice('actors/'.length)));
      return answer(response, detail === undefined ? 404 : 200, detail);
    }
    const file = await pageFile(path);
    if (file === undefined) return answer(response, 404);
    response.writeHead(200, { ...HEADERS, 'content-type': file.type }).end(file.body);
  }

  async function order(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (scene.carryOut === undefined) return answer(response, 405);
    const text = await bodyOf(request);
    if (text === undefined) return answer(response, 413);
    await scene.carryOut(text, life.signal);
    answer(response, 200, {});
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      const { code, message } = error instanceof PoolError ? error : UNEXPECTED;
      answer(response, 400, { code, message });
    });
  });
  await listen(server, port).catch((error: unknown) => {
    life.abort(error);
    throw error;
  });
  return {
    url: `http://127.0.0.1:${portOf(server)}/${token}/`,
    viewed,
    async [Symbol.asyncDispose]() {
      life.abort(new PoolError('POOL_CLOSED', 'The inspector was closed.'));
      for (const viewer of viewers) viewer.end();
      const closed = once(server, 'close');
      server.close();
      const cut = setTimeout(() => server.closeAllConnections(), LAST_WORDS_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}

function sceneOf(shown: LivePool | PastPool, signal: AbortSignal): Scene | Promise<Scene> {
  if ('pool' in shown) return poolScene(shown.pool, shown.feed);
  return pastScene(shown.history, { until: shown.until, signal });
}

const UNEXPECTED = { code: 'INTERNAL', message: 'The order could not be carried out.' } as const;

function answer(response: ServerResponse, status: number, content?: unknown): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { ...HEADERS, 'content-type': 'application/json' });
  response.end(content === undefined ? '' : JSON.stringify(content));
}

/** `undefined` when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request) {
    const bytes = Buffer.from(piece);
    length += bytes.length;
    if (length > LONGEST_BODY) return undefined;
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString();
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (cause) {
    const message = `Expected \`port\` to be free on 127.0.0.1, got \`${port}\`, which is taken. Use another, or \`0\` for any.`;
    throw new PoolError('INVALID_OPTIONS', message, { cause });
  }
}
