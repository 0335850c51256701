import { once } from 'node:events';
import { homedir } from 'node:os';
import path from 'node:path';
import { createPool } from '../index.ts';
import type { McpConfig, Pool } from '../index.ts';
import { bearerToken, mcpServer, serveHttp, serveStdio } from '../mcp/index.ts';
import type { McpServerOptions } from '../mcp/index.ts';
import type { Desk } from './desk/desk.ts';
import { poolDesk } from './desk/pool-desk.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { failureOf, failureText } from './failure.ts';
import { inspection } from './inspection.ts';
import type { McpFlags } from './mcp-command.ts';
import { packageVersion } from './package-version.ts';
import { poolOptionsOf } from './pool-options-of.ts';
import { deskServer } from './remote/desk-server.ts';
import type { DeskServer } from './remote/desk-server.ts';
import { stopSignals } from './stop-signals.ts';

const DEFAULT_PORT = 3100;

/** Serves a pool until the client leaves or a signal comes. Resolves with the exit code when no process is left. */
export async function serveMcp(flags: McpFlags): Promise<number> {
  using stop = stopSignals();
  const { signal } = stop;
  try {
    const { stateDir, drainTimeoutMs = 0 } = flags.configured.config;
    const kept = { ...poolOptionsOf(flags), ...(stateDir !== undefined && { stateDir }) };
    await using inspecting = await inspection(flags.inspect);
    const pool = await createPool({ ...kept, ...inspecting.options, signal });
    try {
      await inspecting.serve(pool);
      await serveReachable(pool, flags, signal);
    } finally {
      const pending = stateDir === undefined ? 'cancel' : 'keep';
      await pool.drain({ timeoutMs: drainTimeoutMs, pending });
    }
    return stop.exitCode ?? EXIT_CODES.succeeded;
  } catch (error) {
    const failure = failureOf(error, signal);
    process.stderr.write(failureText(failure, 0));
    return stop.exitCode ?? exitCodeOf(failure.code);
  }
}

async function serveReachable(
  pool: Pool,
  { configured, inspect }: McpFlags,
  signal: AbortSignal,
): Promise<void> {
  const { mcp = {}, stateDir } = configured.config;
  const hasReviewers = stateDir !== undefined || inspect !== undefined;
  const stopped = new AbortController();
  const server = await reachable(pool, stateDir, () => stopped.abort());
  try {
    await serve(pool, { ...mcp, hasReviewers }, AbortSignal.any([signal, stopped.signal]));
  } finally {
    await server?.[Symbol.asyncDispose]();
  }
}

/** A pool that is kept in a folder is reached there by the other commands, such as `review approve` and `stop`. */
async function reachable(
  pool: Pool,
  stateDir: string | undefined,
  onStopped: () => void,
): Promise<DeskServer | undefined> {
  if (stateDir === undefined) return undefined;
  const desk = poolDesk(pool);
  const drain: Desk['drain'] = (call) => {
    const summary = desk.drain(call);
    pool.drain().then(onStopped, onStopped);
    return summary;
  };
  return deskServer({ ...desk, drain }, stateDir);
}

type Served = McpConfig & Required<Pick<McpServerOptions, 'hasReviewers'>>;

async function serve(pool: Pool, options: Served, signal: AbortSignal): Promise<void> {
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
  { tools, approvals, maxWaitMs, allowMcpServers, hasReviewers }: Served,
): McpServerOptions {
  return {
    pool,
    hasReviewers,
    ...(tools !== undefined && { tools }),
    ...(approvals !== undefined && { approvals }),
    ...(maxWaitMs !== undefined && { maxWaitMs }),
    ...(allowMcpServers !== undefined && { allowsMcpServers: allowMcpServers }),
    version: packageVersion(),
  };
}
