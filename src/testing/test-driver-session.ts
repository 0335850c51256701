import { randomUUID } from 'node:crypto';
import type { AttemptReport, SessionLaunch } from '../../machines/types.ts';
import type { ClaudeSession, Turn, TurnHooks } from '../ports.ts';
import type { Script } from './script.ts';
import type { DriverStage, DriverSubject, DriverStageOptions } from './test-driver-subject.ts';

export const testedModel = 'claude-sonnet-5';

/** A session that is closed at the end of its test, with its stage. */
export interface TestedSession extends AsyncDisposable {
  readonly session: ClaudeSession;
  readonly stage: DriverStage;
  /** Marks the processes of the session. */
  readonly slotId: string;
  run(turn: string | Turn, hooks?: Partial<TurnHooks>): Promise<AttemptReport>;
}

/** Sets the stage for a script and opens a session on it. */
export async function openSession(
  subject: DriverSubject,
  script: Script,
  { account, ...launch }: Partial<SessionLaunch> & DriverStageOptions = {},
): Promise<TestedSession> {
  const stage = await subject.open(script, account === undefined ? {} : { account });
  const slotId = `slot-${randomUUID()}`;
  try {
    const session = await stage.driver.open(launchOf(stage, { slotId, ...launch }), {
      signal: neverAborted(),
    });
    return {
      session,
      stage,
      slotId,
      run: (turn, hooks) => runTurn(session, turn, hooks),
      async [Symbol.asyncDispose]() {
        await session.close();
        await stage[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await stage[Symbol.asyncDispose]();
    throw error;
  }
}

/** What a session is opened with in these tests: few tools, and nobody asked for permission. */
export function launchOf(stage: DriverStage, launch: Partial<SessionLaunch> = {}): SessionLaunch {
  return {
    slotId: `slot-${randomUUID()}`,
    model: testedModel,
    effort: 'low',
    permissionMode: 'bypassPermissions',
    tools: ['Bash', 'Write'],
    cwd: stage.cwd,
    ...launch,
  };
}

/** Runs a prompt, or a turn with its limits. */
export function runTurn(
  session: ClaudeSession,
  turn: string | Turn,
  hooks: Partial<TurnHooks> = {},
): Promise<AttemptReport> {
  return session.run(typeof turn === 'string' ? { prompt: turn } : turn, {
    signal: neverAborted(),
    ...hooks,
  });
}

/** For a test that cancels nothing. */
export function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
