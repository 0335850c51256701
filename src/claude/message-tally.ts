import type { TokensUsed } from '../../machines/types.ts';
import type { Line } from './protocol.ts';
import { addTokens, finalTokens } from './tokens.ts';

const CHARACTERS_PER_TOKEN = 4;

interface OpenMessage {
  readonly model: string;
  readonly tokens: TokensUsed;
  readonly characters: number;
}

export interface TalliedMessage {
  readonly model: string;
  readonly tokens: TokensUsed;
}

/** The model's answers in one turn: those that ended, and by agent those that are still streamed. */
export interface MessageTally {
  readonly ended: readonly TalliedMessage[];
  readonly open: ReadonlyMap<string, OpenMessage>;
}

export const EMPTY_TALLY: MessageTally = { ended: [], open: new Map() };

/** Follows the answers as they are streamed. */
export function tally(before: MessageTally, line: Line): MessageTally {
  if (line.type === 'messageStarted') {
    // A message that starts over an open one is the CLI's retry of a broken stream.
    const { ended } = closed(before, line.agent);
    const message = { model: line.model, tokens: line.tokens, characters: 0 };
    return { ended, open: new Map([...before.open, [keyOf(line.agent), message]]) };
  }
  if (line.type === 'messageGrew') return grown(before, line.agent, line.characters);
  if (line.type === 'messageEnded') return closed(before, line.agent, line.tokens);
  return before;
}

/** The messages that have not ended, with their output so far guessed from its length. */
export function openMessages({ open }: MessageTally): TalliedMessage[] {
  return [...open.values()].map(guessed);
}

function grown(before: MessageTally, agent: string | undefined, characters: number): MessageTally {
  const message = before.open.get(keyOf(agent));
  if (message === undefined) return before;
  const longer = { ...message, characters: message.characters + characters };
  return { ...before, open: new Map([...before.open, [keyOf(agent), longer]]) };
}

function closed(before: MessageTally, agent: string | undefined, usage?: TokensUsed): MessageTally {
  const message = before.open.get(keyOf(agent));
  if (message === undefined) return before;
  const open = new Map([...before.open].filter(([key]) => key !== keyOf(agent)));
  return { ended: merged([...before.ended, usage ? finished(message, usage) : guessed(message)]), open };
}

function finished({ model, tokens }: OpenMessage, usage: TokensUsed): TalliedMessage {
  return { model, tokens: finalTokens(tokens, usage) };
}

function guessed({ model, tokens, characters }: OpenMessage): TalliedMessage {
  const output = Math.max(tokens.output, Math.ceil(characters / CHARACTERS_PER_TOKEN));
  return { model, tokens: { ...tokens, output } };
}

function merged(messages: readonly TalliedMessage[]): TalliedMessage[] {
  const byModel = new Map<string, TokensUsed>();
  for (const { model, tokens } of messages) {
    const known = byModel.get(model);
    byModel.set(model, known ? addTokens(known, tokens) : tokens);
  }
  return [...byModel].map(([model, tokens]) => ({ model, tokens }));
}

function keyOf(agent: string | undefined): string {
  return agent ?? 'main';
}
