import type { Tokens } from './fake-api-message.ts';
import type { LateFault } from './fake-claude-fault.ts';
import type { TurnPlay } from './fake-claude-play.ts';
import { noTokens } from './fake-claude-tokens.ts';
import type { ToolRequest } from './fake-claude-tool.ts';

/** A turn as it goes on. */
export interface FakeTurn {
  readonly prompt: string;
  readonly uuid: string;
  readonly play: TurnPlay;
  readonly signal: AbortSignal;
  /** Answers of the model so far. */
  answers: number;
  /** Attempts of the request that have failed. */
  failures: number;
  tokens: Tokens;
  denials: readonly object[];
  stopReason: string | null;
  runningTool: ToolRequest | undefined;
  lateFault: LateFault | undefined;
}

/** A turn before its first request. */
export function beginTurn(start: Pick<FakeTurn, 'prompt' | 'uuid' | 'play' | 'signal'>): FakeTurn {
  return {
    ...start,
    answers: 0,
    failures: 0,
    tokens: noTokens,
    denials: [],
    stopReason: null,
    runningTool: undefined,
    lateFault: undefined,
  };
}
