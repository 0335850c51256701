import { readFileSync } from 'node:fs';
import type { FakeAccount, FakeVersion } from './fake-claude-version.ts';
import type { Script } from './script.ts';

/** Holds the settings as JSON, or the path of a file with them. */
export const settingsVariable = 'FAKE_CLAUDE';

/** What the fake Claude is told by the process that starts it. */
export interface FakeSettings {
  readonly script: Script;
  readonly version: FakeVersion;
  readonly account: FakeAccount;
  readonly journal?: string;
  readonly counters?: string;
}

/** Reads the settings from the environment. An empty script echoes. */
export function readSettings(env: NodeJS.ProcessEnv): FakeSettings {
  const value = env[settingsVariable] ?? '{"script":{"rules":[]},"version":"2.1.330","account":"apiKey"}';
  return JSON.parse(value.startsWith('{') ? value : readFileSync(value, 'utf8'));
}
