import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';

/** Tells without polling when a shell command runs and when the last of its processes is gone. */
export interface Lifeline extends AsyncDisposable {
  /** Makes the command one that holds the line, with its children. It may have no single quotes. */
  holding(command: string): string;
  /** Resolves when the command runs. */
  readonly held: Promise<void>;
  /** Resolves when nobody holds the line any more. */
  readonly released: Promise<void>;
}

/** Opens a line that a command takes by its descriptor 9. */
export async function openLifeline(): Promise<Lifeline> {
  const server = createServer();
  const connected = nextConnection(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    // Claude runs commands in zsh where it finds one, and only bash opens sockets like this.
    holding: (command) => `bash -c 'exec 9<>/dev/tcp/127.0.0.1/${port}; ${command}'`,
    held: connected.then(() => undefined),
    released: connected.then(closed),
    async [Symbol.asyncDispose]() {
      server.close();
      await Promise.resolve();
    },
  };
}

function nextConnection(server: ReturnType<typeof createServer>): Promise<Socket> {
  return new Promise((resolve) => {
    server.once('connection', (socket) => {
      socket.on('error', () => undefined).resume();
      resolve(socket);
    });
  });
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}
