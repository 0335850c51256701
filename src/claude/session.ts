import { performance } from 'node:perf_hooks';
import type { AttemptReport } from '../../machines/types.ts';
import { PoolError } from '../errors.ts';
import type { ClaudeSession, Turn, TurnHooks } from '../ports.ts';
import { clearConversation } from './clear-conversation.ts';
import type { LiveSession } from './live-session.ts';
import { prepareTurn } from './prepare-turn.ts';
import { stopTasks } from './stop-tasks.ts';
import { reportTurn, reportUnsent } from './turn-report.ts';
import { launchSettings } from './turn-settings.ts';
import { startTurn } from './turn.ts';
import type { RunningTurn } from './turn.ts';

type Activity =
  | { readonly type: 'idle' | 'preparing' | 'clearing' }
  | { readonly type: 'running'; readonly turn: RunningTurn }
  | { readonly type: 'closing'; readonly closed: Promise<void> };

/** The face of a live session: one thing at a time, and closing in the middle of it. */
export function claudeSession(live: LiveSession, version: string): ClaudeSession {
  let activity: Activity = { type: 'idle' };
  let settings = launchSettings(live.launch);

  async function run(turn: Turn, hooks: TurnHooks): Promise<AttemptReport> {
    const startedAt = performance.now();
    const elapsed = () => Math.round(performance.now() - startedAt);
    const prepared = await prepareTurn(live, settings, { turn, signal: hooks.signal });
    settings = prepared.settings;
    if (prepared.obstacle !== undefined) return reportUnsent(live, prepared.obstacle, elapsed());
    if (isClosing() || hooks.signal.aborted)
      return reportUnsent(live, { interruption: 'cancelled' }, elapsed());
    const running = startTurn(live, turn, hooks);
    activity = { type: 'running', turn: running };
    hooks.onActivity?.({ type: 'sent' });
    const outcome = await running.outcome;
    await stopTasks(live);
    return reportTurn(live, outcome, elapsed());
  }

  async function occupy<Result>(as: 'preparing' | 'clearing', work: () => Promise<Result>): Promise<Result> {
    if (activity.type !== 'idle') throw busy(activity.type);
    activity = { type: as };
    try {
      return await work();
    } finally {
      if (!isClosing()) activity = { type: 'idle' };
    }
  }

  const isClosing = () => activity.type === 'closing';

  async function shut(): Promise<void> {
    if (activity.type === 'running') {
      activity.turn.interrupt('cancelled');
      await activity.turn.outcome;
    }
    await live.close();
  }

  return {
    pid: live.pid,
    version,
    exited: live.exited,
    get sessionId() {
      return live.conversation().sessionId;
    },
    run: (turn, hooks) => occupy('preparing', () => run(turn, hooks)),
    clear: ({ signal }) => occupy('clearing', () => clearConversation(live, signal)),
    close() {
      if (activity.type !== 'closing') activity = { type: 'closing', closed: shut() };
      return activity.closed;
    },
  };
}

function busy(activity: Activity['type']): PoolError {
  const message = `Expected the session to be idle, got one that is ${activity}. Wait for it, or use another session.`;
  return new PoolError('INVALID_STATE', message);
}
