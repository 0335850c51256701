import type { ClaudeSession, SessionLaunch } from '../ports.ts';
import { greetedConnection } from './greeted-connection.ts';
import { liveSession } from './live-session.ts';
import type { ClaudeSettings } from './options.ts';
import { claudeSession } from './session.ts';

/** Starts a process and waits until it can take a turn. */
export async function openSession(
  settings: ClaudeSettings,
  launch: SessionLaunch,
  signal: AbortSignal,
): Promise<ClaudeSession> {
  const { connection, account, version, sessionId } = await greetedConnection(settings, launch, signal);
  try {
    const live = await liveSession({ connection, launch, settings, account, sessionId });
    signal.throwIfAborted();
    return claudeSession(live, version);
  } catch (error) {
    await connection.kill();
    throw error;
  }
}
