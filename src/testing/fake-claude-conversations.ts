import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TokensByModel } from './fake-claude-ledger.ts';
import type { FakeProcess } from './fake-claude-process.ts';

const rememberedCharacters = 1000;

/** A conversation as it lies on disk. */
export interface StoredConversation {
  readonly prompts: readonly string[];
  readonly spent: TokensByModel;
}

type StoredLine =
  | { readonly type: 'user'; readonly text: string }
  | { readonly type: 'cost-state'; readonly spent: TokensByModel };

/** What the CLI remembers of a prompt here: enough to tell it from others. */
export function beginning(prompt: string): string {
  return prompt.slice(0, rememberedCharacters);
}

/** Reads a conversation of this working directory. Other directories have their own. */
export function readConversation(sessionId: string): StoredConversation | undefined {
  const file = fileOf(sessionId);
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').trim().split('\n').map(parseLine);
  return {
    prompts: lines.flatMap((line) => (line.type === 'user' ? [line.text] : [])),
    spent: lines.findLast((line) => line.type === 'cost-state')?.spent ?? {},
  };
}

/** Adds to a conversation, or begins one. */
export function storeLines(sessionId: string, lines: readonly StoredLine[]): void {
  const file = fileOf(sessionId);
  mkdirSync(path.dirname(file), { recursive: true });
  appendFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** The newest version goes on counting where a stored conversation had stopped. */
export function storeCost({ isOld, ledger, conversation, options }: FakeProcess): void {
  if (isOld || !options.persistent || conversation.prompts.length === 0) return;
  storeLines(conversation.sessionId, [{ type: 'cost-state', spent: ledger.tokens() }]);
}

function parseLine(line: string): StoredLine {
  return JSON.parse(line);
}

/** Without `CLAUDE_CONFIG_DIR` nothing is written in a home directory. */
function fileOf(sessionId: string): string {
  const home =
    process.env['CLAUDE_CONFIG_DIR'] ?? path.join(tmpdir(), `claude-pool-fake-${process.getuid?.() ?? 0}`);
  const slug = process.cwd().replaceAll(/[^a-zA-Z\d]/g, '-');
  return path.join(home, 'projects', slug, `${sessionId}.jsonl`);
}
