import type { ResultEvidence, Timestamp, TokensUsed } from '../../machines/types.ts';
import { contextAfter } from './context-after.ts';
import { EMPTY_TALLY, tally } from './message-tally.ts';
import type { MessageTally } from './message-tally.ts';
import type { Line } from './protocol.ts';
import type { ResultLine } from './result-line.ts';

const MAX_PARTIAL_CHARACTERS = 1_000_000;
/** The CLI's own first backoff is about half a second: a longer delay is what the API asked for. */
const LONGEST_OWN_FIRST_DELAY_MS = 2_000;

/** What was seen of one turn. */
export interface TurnRecord {
  /** The message that the result must answer. */
  readonly messageId: string;
  /** The result that answers the message, or a later one by which the CLI went on with it. */
  readonly result: ResultEvidence | undefined;
  readonly lastRetryStatus: number | undefined;
  readonly resetsAt: Timestamp | undefined;
  readonly partialText: string;
  /** What the main agent's latest answer was charged for. */
  readonly context: TokensUsed | undefined;
  /** The model's answers of which no result has told the spend. */
  readonly tally: MessageTally;
}

export function startRecord(messageId: string): TurnRecord {
  return {
    messageId,
    result: undefined,
    lastRetryStatus: undefined,
    resetsAt: undefined,
    partialText: '',
    context: undefined,
    tally: EMPTY_TALLY,
  };
}

/** What a line, read at `now`, adds. */
export function record(before: TurnRecord, line: Line, now: Timestamp): TurnRecord {
  switch (line.type) {
    case 'result':
      return concerns(before, line) ? recordResult(before, line) : before;
    case 'retry':
      return { ...before, lastRetryStatus: line.status, resetsAt: resetOf(line, now) ?? before.resetsAt };
    case 'rateLimit':
      return line.isRejected ? { ...before, resetsAt: line.resetsAt } : before;
    case 'messageGrew':
      return recordText({ ...before, tally: tally(before.tally, line) }, line);
    case 'messageStarted':
    case 'messageEnded':
      return {
        ...before,
        tally: tally(before.tally, line),
        context: contextAfter(before.context, line),
      };
    default:
      return before;
  }
}

function recordResult(before: TurnRecord, line: ResultLine): TurnRecord {
  const isSpendComplete = line.modelsSinceLastResult !== undefined;
  const open = isSpendComplete ? EMPTY_TALLY.open : before.tally.open;
  return { ...before, result: line.evidence, tally: { ended: [], open } };
}

/** A turn that the CLI starts itself belongs to this one only when it follows up background work of this one. */
function concerns({ messageId, result }: TurnRecord, { isSpontaneous, answers }: ResultLine): boolean {
  if (isSpontaneous) return result !== undefined;
  return answers === undefined || answers.includes(messageId);
}

function recordText(
  before: TurnRecord,
  { agent, text }: { readonly agent: string | undefined; readonly text: string },
) {
  if (agent !== undefined || text === '') return before;
  const room = MAX_PARTIAL_CHARACTERS - before.partialText.length;
  return room <= 0 ? before : { ...before, partialText: before.partialText + text.slice(0, room) };
}

interface Retry {
  readonly attempt: number;
  readonly delayMs: number;
  readonly status: number | undefined;
}

function resetOf({ attempt, delayMs, status }: Retry, now: Timestamp): Timestamp | undefined {
  const isAsked = status === 429 && attempt === 1 && delayMs > LONGEST_OWN_FIRST_DELAY_MS;
  return isAsked ? now + delayMs : undefined;
}
