import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { defaultHome } from './fake-claude-home.ts';
import { settingsVariable } from './fake-claude-settings.ts';
import type { FakeAccount, FakeVersion } from './fake-claude-version.ts';
import type { Script } from './script.ts';

/** One variable of the environment holds at most 128 KiB on Linux. */
const largestVariable = 100_000;

/** What a fake Claude plays, and as whom. */
export interface FakeClaudeOptions {
  readonly script: Script;
  /** A file that gets one JSON line for each prompt heard and each amount charged: see {@link FakeClaudeEntry}. */
  readonly journal?: string;
  /** A directory in which `times` of a rule is counted for all processes together. @default each process counts alone */
  readonly counters?: string;
  /** Whose line shapes and cost semantics it has. @default '2.1.330' */
  readonly version?: FakeVersion;
  /**
   * Who pays. `none`: nobody is logged in, and no prompt reaches the API. A usage limit (`resetsAt`) is always that
   * of a subscription. @default 'apiKey'
   */
  readonly account?: FakeAccount;
}

/** What `createPool` takes as `claude`. */
export interface FakeClaude {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** One line of the journal. */
export type FakeClaudeEntry = FakeClaudePrompt | FakeClaudeCharge;

/** A prompt was heard. */
export interface FakeClaudePrompt {
  readonly type: 'prompt';
  readonly uuid: string;
  readonly prompt: string;
  readonly pid: number;
  readonly sessionId: string;
  readonly model: string;
  /** The beginnings of the earlier prompts that were still in the conversation. */
  readonly remembered: readonly string[];
}

/** One API answer was charged. A turn with tools is charged several times; a cancelled answer for what was streamed. */
export interface FakeClaudeCharge {
  readonly type: 'charged';
  readonly uuid: string;
  readonly prompt: string;
  readonly pid: number;
  readonly sessionId: string;
  readonly costUsd: number;
}

/**
 * A Claude CLI that plays a script, as a real process. Give it to `createPool` as `claude`.
 *
 * @example
 * const claude = fakeClaude({ script: { rules: [{ when: 'sum', answers: [{ text: '42' }] }] } });
 * await using pool = await createPool({ claude });
 */
export function fakeClaude({
  version = '2.1.330',
  account = 'apiKey',
  ...options
}: FakeClaudeOptions): FakeClaude {
  const settings = JSON.stringify({ ...options, version, account });
  return {
    command: process.execPath,
    args: [mainPath()],
    env: {
      CLAUDE_CONFIG_DIR: process.env['CLAUDE_CONFIG_DIR'] ?? defaultHome(),
      [settingsVariable]: settings.length > largestVariable ? settingsFile(settings) : settings,
    },
  };
}

/** The process is always the built file, wherever this module runs from. */
function mainPath(): string {
  const built = createRequire(import.meta.url).resolve('claude-pool/testing');
  return path.join(path.dirname(built), 'fake-claude-main.js');
}

/** Named by its content: equal scripts share one file. */
function settingsFile(settings: string): string {
  const folder = defaultHome();
  const file = path.join(folder, `${createHash('sha256').update(settings).digest('hex')}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, settings);
  return file;
}
