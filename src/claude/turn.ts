import { randomUUID } from 'node:crypto';
import type { Interruption } from '../../machines/types.ts';
import { deferred } from '../deferred.ts';
import type { SessionExit, Turn, TurnHooks } from '../ports.ts';
import { interrupter } from './interrupter.ts';
import type { LiveSession } from './live-session.ts';
import { promptMessage } from './prompt-message.ts';
import type { Line } from './protocol.ts';
import { turnTeller } from './tell-turn.ts';
import { record, startRecord } from './turn-record.ts';
import type { TurnRecord } from './turn-record.ts';
import { watchLimits } from './watch-limits.ts';
import { watchSilence } from './watch-silence.ts';
import { watchSpend } from './watch-spend.ts';

/** Background tasks that end so make the CLI begin no turn of its own. */
const SILENT_ENDS: ReadonlySet<string> = new Set(['stopped', 'killed']);

/** How a turn went, before it is made a report. */
export interface TurnOutcome {
  readonly record: TurnRecord;
  readonly interruption: Interruption | undefined;
  /** Present when the process ended before the turn did. */
  readonly exit: SessionExit | undefined;
  /** The CLI's running total when it was last read. */
  readonly totalUsd: number | undefined;
  /** Background tasks that were still open. */
  readonly openTasks: number;
}

export interface RunningTurn {
  readonly outcome: Promise<TurnOutcome>;
  /** Ends the turn early, within the limits of the interrupter. */
  readonly interrupt: (reason: Interruption) => void;
}

/** Sends one prompt and follows the turn to its end. */
export function startTurn(session: LiveSession, turn: Turn, hooks: TurnHooks): RunningTurn {
  const { silenceMs, timeoutMs, capMicros, prompt } = turn;
  const { signal, onSpend } = hooks;
  const { promise: outcome, resolve } = deferred<TurnOutcome>();
  let seen = startRecord(randomUUID());

  const tell = turnTeller(hooks);
  const stopper = interrupter(session);
  const silence = watchSilence(session, { silenceMs, onWaiting, onWedged: () => interrupt('silence') });
  const spend = watchSpend(session, { capMicros, onSpend, onOverCap: () => interrupt('budget') });
  const watches = [
    stopper.stop,
    silence.stop,
    spend.stop,
    watchLimits({ signal, timeoutMs, onLimit: interrupt }),
    session.listen(hear),
    session.onExit(end),
  ];

  function interrupt(reason: Interruption): void {
    stopper.interrupt(reason);
    if (seen.result !== undefined) end();
  }

  function hear(line: Line): void {
    seen = record(seen, line, Date.now());
    silence.heard();
    spend.heard(line);
    tell(line);
    if (line.type === 'turnBegan' || line.type === 'requesting') stopper.repeat();
    const reason = reasonToStop(line);
    if (reason !== undefined) interrupt(reason);
    if (seen.result !== undefined && isLast(line)) end();
  }

  /** The result alone is not the end: background work goes on, and the CLI answers again when it is done. */
  function isLast(line: Line): boolean {
    if (line.type === 'result' && stopper.reason() !== undefined) return true;
    if (session.conversation().openTasks.size > 0) return false;
    return line.type === 'result' || (line.type === 'taskEnded' && SILENT_ENDS.has(line.status));
  }

  /** Work in the background that says nothing for so long is not waited for. */
  function onWaiting(): void {
    if (seen.result !== undefined) end();
  }

  function end(exit?: SessionExit): void {
    for (const stop of watches) stop();
    const openTasks = session.conversation().openTasks.size;
    resolve({
      record: seen,
      interruption: stopper.reason(),
      exit,
      totalUsd: spend.totalUsd(),
      openTasks,
    });
  }

  session.send(promptMessage(prompt, seen.messageId));
  return { outcome, interrupt };
}

/** More retries cannot help: the limit or the login is everybody's. */
function reasonToStop(line: Line): Interruption | undefined {
  if (line.type !== 'retry') return undefined;
  if (line.status === 429) return 'rateLimited';
  return line.status === 401 || line.status === 403 ? 'auth' : undefined;
}
