import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { lineLimit } from './line-limit.ts';

/**
 * Serves the client at stdin and stdout. Resolves when it has left, or the signal is aborted.
 *
 * @example
 * await serveStdio(mcpServer({ pool }), { signal });
 */
export async function serveStdio(
  server: Server,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const input = process.stdin.pipe(lineLimit());
  const left = new Promise<void>((resolve) => {
    const leave = (): void => resolve();
    input.once('end', leave);
    process.stdin.once('error', leave);
    signal.addEventListener('abort', leave, { once: true });
  });
  await server.connect(new StdioServerTransport(input, process.stdout));
  if (!signal.aborted) await left;
  await server.close();
  process.stdin.destroy();
}
