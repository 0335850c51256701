import { z } from 'zod';
import { lenient } from './lenient.ts';
import { versionIn } from './version.ts';

/** Who pays: the fields that Claude gives depend on how it was logged in. */
export interface Account {
  readonly tokenSource?: string | undefined;
  readonly apiKeySource?: string | undefined;
  readonly apiProvider?: string | undefined;
}

const schema = z.object({
  account: z.object({
    tokenSource: lenient(z.string()),
    apiKeySource: lenient(z.string()),
    apiProvider: lenient(z.string()),
  }),
});

/** Where the CLI's answer to `initialize` says who pays. */
export function accountIn(answer: unknown): Account {
  const parsed = schema.safeParse(answer);
  return parsed.success ? parsed.data.account : {};
}

const versionSchema = z.object({ version: z.string() });

/** The version in the CLI's answer to `get_binary_version`. */
export function versionOf(answer: unknown): string | undefined {
  const parsed = versionSchema.safeParse(answer);
  return parsed.success ? versionIn(parsed.data.version) : undefined;
}

/** Whether the CLI has no credentials at all. It would say so only to the first prompt. */
export function needsLogin({
  tokenSource,
  apiKeySource = 'none',
  apiProvider = 'firstParty',
}: Account): boolean {
  return apiProvider === 'firstParty' && tokenSource === 'none' && apiKeySource === 'none';
}

const KEYS: ReadonlySet<string> = new Set(['none', 'apiKeyHelper', 'ANTHROPIC_AUTH_TOKEN']);

/** Whether a subscription pays, by all that is known. */
export function isSubscription({ tokenSource = 'none', apiProvider = 'firstParty' }: Account): boolean {
  return apiProvider === 'firstParty' && !KEYS.has(tokenSource);
}
