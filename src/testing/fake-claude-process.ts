import { randomUUID } from 'node:crypto';
import type { Ledger } from './fake-claude-ledger.ts';
import type { FakeOptions } from './fake-claude-options.ts';
import type { FakeSettings } from './fake-claude-settings.ts';

/** The one conversation that the process holds. */
export interface FakeConversation {
  sessionId: string;
  model: string;
  permissionMode: string;
  /** Beginnings of the prompts so far. */
  prompts: string[];
}

/** All that the parts of the fake Claude share. */
export interface FakeProcess {
  readonly settings: FakeSettings;
  readonly options: FakeOptions;
  readonly isOld: boolean;
  readonly conversation: FakeConversation;
  readonly ledger: Ledger;
  readonly startedAt: number;
}

/** Prints one line. Pipes are written synchronously on Linux, so a line before an exit is not lost. */
export function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Prints a line that names the conversation, as most lines do. */
export function say({ conversation }: FakeProcess, line: object): void {
  print({ ...line, session_id: conversation.sessionId, uuid: randomUUID() });
}
