import type { ModelAnswer, Tokens } from './fake-api-message.ts';
import { storeAnswer } from './fake-claude-conversations.ts';
import { journal } from './fake-claude-journal.ts';
import { usd } from './fake-claude-ledger.ts';
import type { FakeProcess } from './fake-claude-process.ts';
import type { FakeTurn } from './fake-claude-turn-state.ts';
import { addTokens } from './fake-claude-tokens.ts';

const charactersInToken = 4;

/** The API charges an answer, and the CLI books it. */
export function chargeAnswer(claude: FakeProcess, turn: FakeTurn, answer: ModelAnswer): void {
  turn.tokens = addTokens(turn.tokens, answer.tokens);
  claude.ledger.book(answer.model, answer.tokens);
  if (claude.options.persistent) storeAnswer(claude.conversation.sessionId, answer);
  write(claude, turn, { model: answer.model, tokens: answer.tokens });
}

/** The API charges what was streamed of an answer. The oldest version books nothing of it. */
export function chargePart(
  claude: FakeProcess,
  turn: FakeTurn,
  { answer, text }: { answer: ModelAnswer; text: string },
): void {
  const tokens: Tokens = {
    ...answer.tokens,
    outputTokens: Math.max(1, Math.ceil(text.length / charactersInToken)),
  };
  if (!claude.isOld) claude.ledger.book(answer.model, tokens);
  write(claude, turn, { model: answer.model, tokens });
}

function write(
  claude: FakeProcess,
  { uuid, prompt }: FakeTurn,
  { model, tokens }: { model: string; tokens: Tokens },
): void {
  journal(claude, { type: 'charged', uuid, prompt, costUsd: usd(claude.settings.version, model, tokens) });
}
