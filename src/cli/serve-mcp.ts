import { once } from 'node:events';
import { homedir } from 'node:os';
import path from 'node:path';
import { createPool } from '../index.ts';
import type { McpConfig, Pool } from '../index.ts';
import { bearerToken, mcpServer, serveHttp, serveStdio } from '../mcp/index.ts';
import type { McpServerOptions } from '../mcp/index.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { failureOf, failureText } from './failure.ts';
import { inspection } from './inspection.ts';
import type { McpFlags } from './mcp-command.ts';
import { packageVersion } from './package-version.ts';
import { poolOptionsOf } from './pool-options-of.ts';
import { stopSignals } from './stop-signals.ts';

const DEFAULT_PORT = 3100;

/** Serves a pool until the client leaves or a signal comes. Resolves with the exit code when no process is left. */
export async function serveMcp(flags: McpFlags): Promise<number> {
  using stop = stopSignals();
  const { signal } = stop;
  try {
    const { mcp = {}, stateDir, drainTimeoutMs = 0 } = flags.configured.config;
    const kept = { ...poolOptionsOf(flags), ...(stateDir !== undefined && { stateDir }) };
    await using inspecting = inspection(flags.inspect);
    const pool = await createPool({ ...kept, ...inspecting.options, signal });
    try {
      await inspecting.serve(pool);
      await serve(pool, mcp, signal);
    } finally {
      await pool.drain({ timeoutMs: drainTimeoutMs });
    }
    return stop.exitCode ?? EXIT_CODES.succeeded;
  } catch (error) {
    const failure = failureOf(error, signal);
    process.stderr.write(failureText(failure, 0));
    return stop.exitCode ?? exitCodeOf(failure.code);
  }
}

async function serve(pool: Pool, options: McpConfig, signal: AbortSignal): Promise<void> {
  const newServer = (): ReturnType<typeof mcpServer> => mcpServer(serverOptions(pool, options));
  if (options.http === true) return serveOverHttp(newServer, options, signal);
  await serveStdio(newServer(), { signal });
}

async function serveOverHttp(
  newServer: () => ReturnType<typeof mcpServer>,
  { port = DEFAULT_PORT, tokenFile = path.join(homedir(), '.claude-pool', 'mcp-token') }: McpConfig,
  signal: AbortSignal,
): Promise<void> {
  await using face = await serveHttp({ newServer, port, token: await bearerToken(tokenFile), signal });
  process.stderr.write(`Serving ${face.url} with the bearer token in ${tokenFile}.\n`);
  if (!signal.aborted) await once(signal, 'abort');
}

function serverOptions(
  pool: Pool,
  { tools, approvals, maxWaitMs, allowMcpServers }: McpConfig,
): McpServerOptions {
  return {
    pool,
    ...(tools !== undefined && { tools }),
    ...(approvals !== undefined && { approvals }),
    ...(maxWaitMs !== undefined && { maxWaitMs }),
    ...(allowMcpServers !== undefined && { allowsMcpServers: allowMcpServers }),
    version: packageVersion(),
  };
}
