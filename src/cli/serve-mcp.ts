import { once } from 'node:events';
import { homedir } from 'node:os';
import path from 'node:path';
import { createPool } from '../index.ts';
import type { Pool, PoolOptions } from '../index.ts';
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
    await using inspecting = inspection(flags.inspect);
    const pool = await createPool({ ...optionsOf(flags), ...inspecting.options, signal });
    try {
      await inspecting.serve(pool);
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

function optionsOf({ tools: _serverTools, slotTools, stateDir, ...flags }: McpFlags): PoolOptions {
  return {
    ...poolOptionsOf({ ...flags, ...(slotTools && { tools: slotTools }) }),
    ...(stateDir !== undefined && { stateDir: path.resolve(stateDir) }),
  };
}

async function serve(pool: Pool, flags: McpFlags, signal: AbortSignal): Promise<void> {
  const options = serverOptions(pool, flags);
  if (flags.http === true) return serveOverHttp(() => mcpServer(options), flags, signal);
  await serveStdio(mcpServer(options), { signal });
}

async function serveOverHttp(
  newServer: () => ReturnType<typeof mcpServer>,
  { port = DEFAULT_PORT, tokenFile = path.join(homedir(), '.claude-pool', 'mcp-token') }: McpFlags,
  signal: AbortSignal,
): Promise<void> {
  const file = path.resolve(tokenFile);
  await using face = await serveHttp({ newServer, port, token: await bearerToken(file), signal });
  process.stderr.write(`Serving ${face.url} with the bearer token in ${file}.\n`);
  if (!signal.aborted) await once(signal, 'abort');
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
