import type { TokensUsed } from '../../machines/types.ts';
import type { SessionLaunch } from '../ports.ts';
import type { Connection } from './connection.ts';
import type { Conversation } from './conversation.ts';
import { follow } from './conversation.ts';
import type { Account } from './greeting.ts';
import type { ClaudeSettings } from './options.ts';
import { totalsIn, totalsRequest } from './read-totals.ts';
import { bookEstimate, openMeter, settle } from './spend-meter.ts';
import type { Settlement, Totals } from './spend-meter.ts';

/** A connection that is ready for turns, and what is known of its conversation. */
export interface LiveSession extends Connection {
  readonly launch: SessionLaunch;
  readonly settings: ClaudeSettings;
  readonly conversation: () => Conversation;
  /** What the process has spent so far by its own count, or undefined when it does not say. */
  readonly readTotals: () => Promise<Totals | undefined>;
  /** Books what no result will tell. */
  readonly estimate: (usd: number, tokens: TokensUsed) => void;
  /** Leaves background tasks out of account, also those of which the CLI tells no end. */
  readonly forgetTasks: () => void;
  /** What was spent since the last settlement. */
  readonly settle: () => Settlement;
}

export interface LiveSessionGround {
  readonly connection: Connection;
  readonly launch: SessionLaunch;
  readonly settings: ClaudeSettings;
  readonly account: Account;
  readonly sessionId: string | undefined;
}

export async function liveSession(ground: LiveSessionGround): Promise<LiveSession> {
  const { connection, launch, settings, account, sessionId } = ground;
  const readTotals = async () => totalsIn(await connection.request(totalsRequest(account)));
  let conversation: Conversation = {
    sessionId,
    model: undefined,
    openTasks: new Set(),
    // Some versions go on counting where the resumed conversation had stopped.
    meter: openMeter(launch.resume && (await readTotals())),
  };
  connection.listen((line) => {
    conversation = follow(conversation, line);
  });
  return {
    ...connection,
    launch,
    settings,
    conversation: () => conversation,
    readTotals: () => readTotals().catch(() => undefined),
    estimate(usd, tokens) {
      conversation = { ...conversation, meter: bookEstimate(conversation.meter, usd, tokens) };
    },
    forgetTasks() {
      conversation = { ...conversation, openTasks: new Set() };
    },
    settle() {
      const { meter, settlement } = settle(conversation.meter);
      conversation = { ...conversation, meter };
      return settlement;
    },
  };
}
