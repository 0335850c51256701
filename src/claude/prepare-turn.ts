import type { Evidence } from '../../machines/types.ts';
import { PoolError } from '../errors.ts';
import type { Turn } from '../ports.ts';
import type { LiveSession } from './live-session.ts';
import { settingsFor, settingsRequest } from './turn-settings.ts';
import type { TurnSettings } from './turn-settings.ts';

export interface Prepared {
  /** What the session runs with now. */
  readonly settings: TurnSettings;
  /** Why the prompt cannot be sent. */
  readonly obstacle?: Evidence;
}

interface Coming {
  readonly turn: Turn;
  readonly signal: AbortSignal;
}

const CANCELLED: Evidence = { interruption: 'cancelled' };

/** Brings a session to the settings that the turn asks for. */
export async function prepareTurn(
  session: LiveSession,
  settings: TurnSettings,
  { turn, signal }: Coming,
): Promise<Prepared> {
  if (signal.aborted) return { settings, obstacle: CANCELLED };
  if (session.hasExited())
    return { settings, obstacle: lost('Its process had ended before the prompt was sent.') };
  const wanted = settingsFor(session.launch, turn);
  const request = settingsRequest(settings, wanted);
  if (request === undefined) return { settings };
  try {
    await session.request(request);
    return { settings: wanted };
  } catch (error) {
    return { settings, obstacle: await obstacleOf(session, error) };
  }
}

async function obstacleOf(session: LiveSession, error: unknown): Promise<Evidence> {
  const message = error instanceof Error ? error.message : String(error);
  if (session.hasExited()) return lost(message);
  if (error instanceof PoolError && error.code === 'TIMEOUT') {
    await session.kill();
    return lost(message);
  }
  return { openError: { code: 'INVALID_OPTIONS', message } };
}

function lost(message: string): Evidence {
  return { openError: { code: 'CRASHED', message } };
}
