import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PoolError } from '../errors.ts';
import type { SessionLaunch } from '../ports.ts';
import { connect } from './connection.ts';
import type { Connection } from './connection.ts';
import { deathPact } from './death-pact.ts';
import { sessionEnvironment } from './environment.ts';
import { findClaude } from './find-claude.ts';
import { greet } from './greet.ts';
import type { Greeting } from './greet.ts';
import { launchArguments } from './launch-arguments.ts';
import { mcpConfig } from './mcp-config.ts';
import type { ClaudeSettings } from './options.ts';

/** A process that has answered. */
export interface GreetedConnection extends Greeting {
  readonly connection: Connection;
  /** Full path of the program. */
  readonly program: string;
  readonly sessionId: string | undefined;
}

/** Starts a process and waits for its first answers. When it is not a Claude that can work, nothing is left of it. */
export async function greetedConnection(
  settings: ClaudeSettings,
  launch: SessionLaunch,
  signal: AbortSignal,
): Promise<GreetedConnection> {
  signal.throwIfAborted();
  const { command, args, env: extra, readyTimeoutMs } = settings;
  const path = 'PATH' in extra ? extra['PATH'] : process.env['PATH'];
  const cwd = await folderOf(settings, launch);
  const claude = [await findClaude({ command, path, cwd: settings.cwd }), ...args] as const;
  const pact = await deathPact();
  const environment = (mark: string) =>
    sessionEnvironment({ host: process.env, extra, mark, slotId: launch.slotId });
  signal.throwIfAborted();
  const mcp = mcpConfig(launch.mcpServers);
  const newSessionId = launch.resume?.fork === false ? undefined : randomUUID();
  const details = { newSessionId, mcpConfig: mcp.argument };
  const connection = connect({
    ...settings,
    command: prefixed(pact, [...claude, ...launchArguments(launch, details)]),
    env: environment,
    cwd,
    isBound: pact.length > 0,
  });
  void connection.exited.then(mcp.release);
  try {
    const program = { command: claude, env: environment('') };
    const greeting = await greet(connection, { program, readyTimeoutMs, signal });
    const sessionId = newSessionId ?? launch.resume?.sessionId;
    return { ...greeting, connection, program: claude[0], sessionId };
  } catch (error) {
    await connection.kill();
    throw error;
  }
}

function prefixed(
  pact: readonly string[],
  [program, ...args]: readonly [string, ...string[]],
): [string, ...string[]] {
  const [binder, ...binderArgs] = pact;
  return binder === undefined ? [program, ...args] : [binder, ...binderArgs, program, ...args];
}

async function folderOf({ cwd }: ClaudeSettings, launch: SessionLaunch): Promise<string> {
  const folder = resolve(cwd, launch.cwd ?? '.');
  const isFolder = await stat(folder).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (isFolder) return folder;
  throw new PoolError(
    'INVALID_OPTIONS',
    `Expected \`cwd\` to be a directory, got \`${folder}\`, which is none.`,
  );
}
