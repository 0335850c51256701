import { NO_TOKENS } from '../../machines/types.ts';
import type { AttemptReport, Evidence } from '../../machines/types.ts';
import { estimateUsd } from './estimate-usd.ts';
import type { LiveSession } from './live-session.ts';
import { openMessages } from './message-tally.ts';
import type { TalliedMessage } from './message-tally.ts';
import { residentBytes } from './resident-bytes.ts';
import type { TurnOutcome } from './turn.ts';
import { runningUsd } from './spend-meter.ts';
import { addTokens, totalTokens } from './tokens.ts';

/** Settles what a turn has cost, and tells all that was seen of it. */
export async function reportTurn(
  session: LiveSession,
  outcome: TurnOutcome,
  durationMs: number,
): Promise<AttemptReport> {
  const resident = session.hasExited() ? undefined : await residentBytes(session.pid);
  bookUntold(session, outcome);
  const { sessionId, model } = session.conversation();
  const { partialText, result, context } = outcome.record;
  const stderrTail = session.stderrTail();
  return {
    ...session.settle(),
    evidence: evidenceOf(session, outcome),
    durationMs,
    ...(model !== undefined && { model }),
    ...(sessionId !== undefined && { sessionId }),
    ...(context !== undefined && { contextTokens: totalTokens(context) }),
    ...(resident !== undefined && { residentBytes: resident }),
    ...(stderrTail !== '' && { stderrTail }),
    ...(result?.text === undefined && partialText !== '' && { partialText }),
  };
}

/** The report of a turn whose prompt was never sent. */
export function reportUnsent(session: LiveSession, evidence: Evidence, durationMs: number): AttemptReport {
  const stderrTail = session.stderrTail();
  return { ...session.settle(), evidence, durationMs, ...(stderrTail !== '' && { stderrTail }) };
}

function evidenceOf(
  { launch }: LiveSession,
  { record, interruption, exit, openTasks }: TurnOutcome,
): Evidence {
  const { result, lastRetryStatus, resetsAt } = record;
  const hasAnswer = result?.subtype === 'success' && !result.isError;
  return {
    ...(result !== undefined && { result }),
    ...(exit !== undefined && { exit: exitOf(exit) }),
    ...(interruption !== undefined && !hasAnswer && { interruption }),
    ...(lastRetryStatus !== undefined && { lastRetryStatus }),
    ...(resetsAt !== undefined && { resetsAt }),
    ...(launch.jsonSchema !== undefined && { schemaAsked: true }),
    ...(openTasks > 0 && { openTasks }),
  };
}

function exitOf({ code, signal }: NonNullable<TurnOutcome['exit']>): NonNullable<Evidence['exit']> {
  return { ...(code !== undefined && { code }), ...(signal !== undefined && { signal }) };
}

/** Books what no line of the CLI tells: what a process had spent when it died, and in 2.1.197 an answer cut short. */
function bookUntold(session: LiveSession, { record, interruption, exit, totalUsd }: TurnOutcome): void {
  const open = openMessages(record.tally);
  if (exit !== undefined && record.result === undefined) {
    const messages = [...record.tally.ended, ...open];
    const { meter } = session.conversation();
    const metered = runningUsd(meter, totalUsd ?? meter.totalUsd);
    session.estimate(Math.max(metered, usdOf(session, messages)), tokensOf(messages));
  } else if (interruption !== undefined && open.length > 0) {
    session.estimate(usdOf(session, open), tokensOf(open));
  }
}

function usdOf(session: LiveSession, messages: readonly TalliedMessage[]): number {
  const { models } = session.conversation().meter;
  return messages.reduce((sum, { tokens, model }) => sum + estimateUsd(tokens, model, models), 0);
}

function tokensOf(messages: readonly TalliedMessage[]): AttemptReport['tokensUsed'] {
  return messages.reduce((sum, { tokens }) => addTokens(sum, tokens), NO_TOKENS);
}
