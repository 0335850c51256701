import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ModelAnswer } from './fake-api-message.ts';
import { defaultHome } from './fake-claude-home.ts';
import type { TokensByModel } from './fake-claude-ledger.ts';
import type { FakeProcess } from './fake-claude-process.ts';

const rememberedCharacters = 1000;

/** A conversation as it lies on disk. */
export interface StoredConversation {
  readonly prompts: readonly string[];
  readonly spent: TokensByModel;
}

/** A line of a transcript, in the shape that the CLI gives it. */
type StoredLine =
  | {
      readonly type: 'user';
      readonly message: { readonly role: 'user'; readonly content: string };
      readonly timestamp: string;
    }
  | { readonly type: 'assistant'; readonly message: object; readonly timestamp: string }
  | { readonly type: 'cost-state'; readonly spent: TokensByModel };

/** What the CLI remembers of a prompt here: enough to tell it from others. */
export function beginning(prompt: string): string {
  return prompt.slice(0, rememberedCharacters);
}

/** Makes the folder of this working directory, as a sign that the CLI was here. */
export function beginStoring(): void {
  mkdirSync(folder(), { recursive: true });
}

export function isStored(sessionId: string): boolean {
  return existsSync(fileOf(sessionId));
}

/** Reads a conversation of this working directory. Other directories have their own. */
export function readConversation(sessionId: string): StoredConversation | undefined {
  if (!isStored(sessionId)) return undefined;
  const lines = linesOf(sessionId);
  return {
    prompts: lines.flatMap((line) => (line.type === 'user' ? [beginning(line.message.content)] : [])),
    spent: lines.findLast((line) => line.type === 'cost-state')?.spent ?? {},
  };
}

/** Begins a conversation with all that was said in another. */
export function copyConversation(from: string, to: string): void {
  storeLines(
    to,
    linesOf(from).filter(({ type }) => type !== 'cost-state'),
  );
}

/** Adds a prompt to a conversation, or begins one. */
export function storePrompt(sessionId: string, prompt: string): void {
  const message = { role: 'user', content: prompt } as const;
  storeLines(sessionId, [{ type: 'user', message, ...stamp(sessionId) }]);
}

/** Adds an answer of the model to a conversation. */
export function storeAnswer(sessionId: string, { id, model, blocks, stopReason, tokens }: ModelAnswer): void {
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: blocks.map((block) =>
      block.type === 'text' ? { type: 'text', text: block.pieces.join('') } : block,
    ),
    stop_reason: stopReason,
    usage: {
      input_tokens: tokens.inputTokens,
      cache_creation_input_tokens: tokens.cacheWriteTokens,
      cache_read_input_tokens: tokens.cacheReadTokens,
      output_tokens: tokens.outputTokens,
    },
  };
  storeLines(sessionId, [{ type: 'assistant', message, ...stamp(sessionId) }]);
}

/** The newest version goes on counting where a stored conversation had stopped. */
export function storeCost({ isOld, ledger, conversation, options }: FakeProcess): void {
  if (isOld || !options.persistent || conversation.prompts.length === 0) return;
  storeLines(conversation.sessionId, [{ type: 'cost-state', spent: ledger.tokens() }]);
}

function linesOf(sessionId: string): readonly StoredLine[] {
  return readFileSync(fileOf(sessionId), 'utf8').trim().split('\n').map(parseLine);
}

function parseLine(line: string): StoredLine {
  return JSON.parse(line);
}

function storeLines(sessionId: string, lines: readonly StoredLine[]): void {
  mkdirSync(folder(), { recursive: true });
  appendFileSync(fileOf(sessionId), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function stamp(sessionId: string) {
  return { isSidechain: false, uuid: randomUUID(), timestamp: new Date().toISOString(), sessionId };
}

function fileOf(sessionId: string): string {
  return path.join(folder(), `${sessionId}.jsonl`);
}

function folder(): string {
  const home = process.env['CLAUDE_CONFIG_DIR'] ?? defaultHome();
  return path.join(home, 'projects', process.cwd().replaceAll(/[^a-zA-Z\d]/g, '-'));
}
