import { MICROS_PER_USD } from '../../machines/types.ts';
import type { Micros, Timestamp, TokensUsed } from '../../machines/types.ts';
import { estimateUsd } from './estimate-usd.ts';
import { finalTokens } from './tokens.ts';
import type { TranscriptAnswer, TranscriptLine } from './transcript-line.ts';

const COMPARED_CHARACTERS = 4_000;
const CHARACTERS_PER_TOKEN = 4;

export interface SoughtAttempt {
  readonly prompt: string;
  readonly startedAt: Timestamp;
}

/** How the conversation went on: with the prompt of the attempt, with another one, or not at all. */
export type Continuation =
  | { readonly type: 'prompt'; readonly at: Timestamp }
  | { readonly type: 'another' }
  | { readonly type: 'none' };

/** What transcripts tell of one attempt. */
export interface AttemptRecord {
  readonly continuation: () => Continuation;
  /** What has been answered since the prompt, at list prices. */
  readonly spend: () => Micros;
  /** Adds a line of the conversation. */
  readonly hear: (line: TranscriptLine) => void;
  /** Adds a line of a subagent, whose transcript is another file. */
  readonly hearSubagent: (line: TranscriptLine) => void;
}

interface RecordedAnswer {
  readonly model: string;
  readonly tokens: TokensUsed;
  readonly characters: number;
  readonly isEnded: boolean;
}

export function attemptRecord({ prompt, startedAt }: SoughtAttempt): AttemptRecord {
  const sought = comparable(prompt);
  const answers = new Map<string, RecordedAnswer>();
  let continuation: Continuation = { type: 'none' };

  function hearPrompt(at: Timestamp, text: string): void {
    if (at < startedAt) return;
    if (comparable(text) !== sought) {
      if (continuation.type === 'none') continuation = { type: 'another' };
      return;
    }
    continuation = { type: 'prompt', at };
    answers.clear();
  }

  function hearAnswer(line: TranscriptAnswer): void {
    if (continuation.type !== 'prompt' || (line.at ?? continuation.at) < continuation.at) return;
    answers.set(line.id, joined(answers.get(line.id), line));
  }

  return {
    continuation: () => continuation,
    spend: () => Math.round([...answers.values()].reduce((sum, answer) => sum + microsOf(answer), 0)),
    hear(line) {
      if (line.type === 'prompt') hearPrompt(line.at ?? startedAt, line.text);
      else hearAnswer(line);
    },
    hearSubagent(line) {
      if (line.type === 'answer') hearAnswer(line);
    },
  };
}

/** Each part of an answer repeats the usage, the early ones with that of its beginning. */
function joined(known: RecordedAnswer | undefined, part: TranscriptAnswer): RecordedAnswer {
  const { model, tokens, characters, isEnded } = part;
  if (known === undefined) return { model, tokens, characters, isEnded };
  return {
    model,
    tokens: finalTokens(known.tokens, tokens),
    characters: known.characters + characters,
    isEnded: known.isEnded || isEnded,
  };
}

function microsOf({ model, tokens, characters, isEnded }: RecordedAnswer): number {
  const guessed = Math.max(tokens.output, Math.ceil(characters / CHARACTERS_PER_TOKEN));
  const used = isEnded ? tokens : { ...tokens, output: guessed };
  return estimateUsd(used, model, {}) * MICROS_PER_USD;
}

function comparable(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, COMPARED_CHARACTERS);
}
