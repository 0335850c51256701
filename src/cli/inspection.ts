import pc from 'picocolors';
import type { Pool, PoolOptions } from '../index.ts';
import type { InspectorServer } from '../inspector/inspector-server.ts';

/** What `--inspect [port]` was given: nothing, no port, or a port. */
export type InspectFlag = true | number | undefined;

/** What a command with `--inspect` adds to its pool; nothing without the flag. It outlives the pool, to show its end. */
export interface Inspection extends AsyncDisposable {
  /** For `createPool`. */
  readonly options: Pick<PoolOptions, 'inspect'>;
  /** Serves the page and prints its address on stderr. */
  serve(pool: Pool): Promise<InspectorServer | undefined>;
}

const NONE: Inspection = {
  options: {},
  serve: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};

export async function inspection(flag: InspectFlag): Promise<Inspection> {
  if (flag === undefined) return NONE;
  const { inspectionFeed } = await import('../inspector/inspection-feed.ts');
  const { inspectorServer } = await import('../inspector/inspector-server.ts');
  const feed = inspectionFeed();
  let server: InspectorServer | undefined;
  return {
    options: { inspect: feed.observe },
    async serve(pool) {
      server = await inspectorServer({ pool, feed, ...(flag !== true && { port: flag }) });
      process.stderr.write(`Inspect the machines at ${pc.underline(server.url)}\n`);
      return server;
    },
    async [Symbol.asyncDispose]() {
      await server?.[Symbol.asyncDispose]();
    },
  };
}
