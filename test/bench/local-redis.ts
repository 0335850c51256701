import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';

/** What to do where there is none. */
export const GET_REDIS =
  'Expected `redis-server` on the PATH, got none: BullMQ is left out. Install it (`apt-get install redis-server`, `brew install redis`) and run the bench again.';

export interface LocalRedis extends AsyncDisposable {
  /** The socket that it listens on. */
  readonly socket: string;
}

/** A Redis of its own that keeps an append-only file, synchronised each second; `undefined` where there is none. */
export async function localRedis(): Promise<LocalRedis | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), 'claude-pool-redis-'));
  const socket = path.join(folder, 'redis.sock');
  const server = execa(
    'redis-server',
    [
      ['--port', '0', '--unixsocket', socket, '--dir', folder],
      ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--daemonize', 'no'],
    ].flat(),
    { buffer: false, reject: false },
  );

  async function stop(): Promise<void> {
    server.kill();
    await server;
    await rm(folder, { recursive: true, force: true });
  }

  for await (const line of createInterface({ input: server.stdout })) {
    if (/ready to accept connections/i.test(line)) return { socket, [Symbol.asyncDispose]: stop };
  }
  const { code, shortMessage } = await server;
  await stop();
  if (code === 'ENOENT') return undefined;
  throw new Error(`Expected \`redis-server\` to start, got: ${shortMessage}`);
}
