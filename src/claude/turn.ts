import { randomUUID } from 'node:crypto';
import type { Interruption } from '../../machines/types.ts';
import type { SessionExit, Turn, TurnActivity, TurnHooks } from '../ports.ts';
import { interrupter } from './interrupter.ts';
import type { LiveSession } from './live-session.ts';
import { promptMessage } from './prompt-message.ts';
import type { Line } from './protocol.ts';
import { record, startRecord } from './turn-record.ts';
import type { TurnRecord } from './turn-record.ts';
import { watchSilence } from './watch-silence.ts';
import { watchSpend } from './watch-spend.ts';

const SILENCE_MS = 240_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const NO_NEWS: ReadonlySet<string> = new Set(['stopped', 'killed']);

/** How a turn went, before it is made a report. */
export interface TurnOutcome {
  readonly record: TurnRecord;
  readonly interruption: Interruption | undefined;
  /** Present when the process ended before the turn did. */
  readonly exit: SessionExit | undefined;
  /** The CLI's running total when it was last read. */
  readonly totalUsd: number | undefined;
  readonly openTasks: readonly string[];
}

export interface RunningTurn {
  readonly outcome: Promise<TurnOutcome>;
  /** Ends the turn early, within the limits of the interrupter. */
  interrupt(reason: Interruption): void;
}

/** Sends one prompt and follows the turn to its end. */
export function startTurn(session: LiveSession, turn: Turn, hooks: TurnHooks): RunningTurn {
  const { silenceMs = SILENCE_MS, timeoutMs, capMicros, prompt } = turn;
  const { signal, onSpend } = hooks;
  let turnRecord = startRecord(randomUUID());
  const { promise: outcome, resolve } = deferred<TurnOutcome>();

  const stopper = interrupter(session);
  const silence = watchSilence(session, {
    silenceMs: Math.min(silenceMs, LONGEST_TIMER_MS),
    onWaiting: () => endWhen(hasEnded()),
    onWedged: () => interrupt('silence'),
  });
  const spend = watchSpend(session, { capMicros, onSpend, onOverCap: () => interrupt('budget') });
  const deadline =
    timeoutMs === undefined
      ? undefined
      : setTimeout(interrupt, Math.min(timeoutMs, LONGEST_TIMER_MS), 'timeout');
  const cancel = () => interrupt('cancelled');
  signal.addEventListener('abort', cancel);
  const deafen = session.listen(hear);
  const forget = session.onExit(end);

  function interrupt(reason: Interruption): void {
    stopper.interrupt(reason);
    endWhen(turnRecord.result !== undefined);
  }

  function hear(line: Line): void {
    turnRecord = record(turnRecord, line, Date.now());
    silence.heard();
    spend.heard(line);
    tellOf(line, hooks);
    if (line.type === 'turnBegan' || line.type === 'requesting') stopper.repeat();
    if (line.type === 'retry') interruptRetry(line.status);
    endWhen(line.type === 'result' && (hasEnded() || isStopping()));
    endWhen(line.type === 'taskEnded' && NO_NEWS.has(line.status) && hasEnded());
  }

  function interruptRetry(status: number | undefined): void {
    if (status === 429) interrupt('rateLimited');
    else if (status === 401 || status === 403) interrupt('auth');
  }

  function endWhen(isOver: boolean): void {
    if (isOver) end();
  }

  /** The result alone is not the end: background work goes on, and the CLI answers again when it is done. */
  function hasEnded(): boolean {
    return turnRecord.result !== undefined && session.conversation().openTasks.size === 0;
  }

  function isStopping(): boolean {
    return turnRecord.result !== undefined && stopper.reason() !== undefined;
  }

  function end(exit?: SessionExit): void {
    for (const stop of [stopper.stop, silence.stop, spend.stop, deafen, forget]) stop();
    clearTimeout(deadline);
    signal.removeEventListener('abort', cancel);
    resolve({
      record: turnRecord,
      interruption: stopper.reason(),
      exit,
      totalUsd: spend.totalUsd(),
      openTasks: [...session.conversation().openTasks],
    });
  }

  session.send(promptMessage(prompt, turnRecord.messageId));
  hooks.onActivity?.({ type: 'sent' });
  return { outcome, interrupt };
}

/** Shows what a line says to those who watch. */
function tellOf(line: Line, { onText, onActivity }: TurnHooks): void {
  if (line.type === 'messageGrew' && line.agent === undefined && line.text !== '') onText?.(line.text);
  for (const activity of activitiesOf(line)) onActivity?.(activity);
}

function activitiesOf(line: Line): TurnActivity[] {
  if (line.type === 'message') return line.toolNames.map((name) => ({ type: 'toolUse', name }));
  if (line.type === 'retry') return [{ type: 'retry', status: line.status, delayMs: line.delayMs }];
  if (line.type === 'malformed') return [line].map(({ excerpt }) => ({ type: 'malformedLine', excerpt }));
  return [];
}

function deferred<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: (value: Value) => resolve(value) };
}
