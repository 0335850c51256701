import { createPool } from '../index.ts';
import type { Pool } from '../index.ts';
import { mcpServer, serveStdio } from '../mcp/index.ts';
import type { McpServerOptions } from '../mcp/index.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { failureOf, failureText } from './failure.ts';
import type { McpFlags } from './mcp-command.ts';
import { mcpPoolOptions } from './mcp-pool-options.ts';
import { packageVersion } from './package-version.ts';
import { stopSignals } from './stop-signals.ts';

/** Serves a pool until the client leaves or a signal comes. Resolves with the exit code when no process is left. */
export async function serveMcp(flags: McpFlags): Promise<number> {
  using stop = stopSignals();
  const { signal } = stop;
  try {
    const pool = await createPool({ ...mcpPoolOptions(flags), signal });
    try {
      await serve(pool, flags, signal);
    } finally {
      await pool.drain({ timeoutMs: flags.drainTimeout ?? 0 });
    }
    return stop.exitCode ?? EXIT_CODES.succeeded;
  } catch (error) {
    const failure = failureOf(error, signal);
    process.stderr.write(failureText(failure, 0));
    return stop.exitCode ?? exitCodeOf(failure.code);
  }
}

async function serve(pool: Pool, flags: McpFlags, signal: AbortSignal): Promise<void> {
  await serveStdio(mcpServer(serverOptions(pool, flags)), { signal });
}

function serverOptions(
  pool: Pool,
  { tools, approvals, maxWait, allowMcpServers = false }: McpFlags,
): McpServerOptions {
  return {
    pool,
    tools,
    approvals,
    maxWaitMs: maxWait,
    allowsMcpServers: allowMcpServers,
    version: packageVersion(),
  };
}
