import type { ClaudeDriver } from '../ports.ts';
import type { FakeAccount, FakeVersion } from './fake-claude-version.ts';
import type { Script } from './script.ts';

/** Registers a test: vitest's `test`, or another of that form. */
export type RegisterTest = (title: string, run: () => Promise<void>, timeoutMs?: number) => void;

/** A driver and the Claude behind it, for one test. */
export interface DriverStage extends AsyncDisposable {
  readonly driver: ClaudeDriver;
  /** An empty directory in which sessions work. */
  readonly cwd: string;
  /** All text of the latest request for an answer: the conversation as the model sees it. */
  lastRequest(): Promise<string>;
}

/** What a case asks of the stage that it plays on. */
export interface DriverStageOptions {
  /** @default 'apiKey' */
  readonly account?: FakeAccount;
}

/** Whose driver is tested. */
export interface DriverSubject {
  /** Whose price list and cost semantics are expected. */
  readonly version: FakeVersion;
  /** `cli`: faults of the process can be played. @default 'api' */
  readonly capabilities?: 'api' | 'cli';
  open(script: Script, options?: DriverStageOptions): Promise<DriverStage>;
}

/** One promise of the port. */
export interface DriverCase {
  readonly title: string;
  /** `cli`: the case needs faults that only the fake Claude plays. */
  readonly needs?: 'cli';
  /** @default 30000 */
  readonly timeoutMs?: number;
  readonly run: (subject: DriverSubject) => Promise<void>;
}
