import { PoolError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { firstWords } from './first-words.ts';
import type { FirstWords } from './first-words.ts';
import { accountIn, needsLogin, versionOf } from './greeting.ts';
import type { Account } from './greeting.ts';
import { endedEarly, garbage, loginNeeded, notReady, tooOld } from './open-error.ts';
import type { Program } from './open-error.ts';
import { rejectionBy } from './rejection-by.ts';
import { isOlder, OLDEST_VERSION } from './version.ts';

export interface Greeting {
  readonly account: Account;
  readonly version: string;
}

export interface GreetingLimits {
  readonly program: Program;
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** Waits until the process can take a turn. Rejects when it is not a Claude that can. */
export async function greet(connection: Connection, limits: GreetingLimits): Promise<Greeting> {
  const ended = new AbortController();
  const words = firstWords(connection, ended.signal);
  try {
    const answers = firstAnswers(connection, limits.readyTimeoutMs);
    const interrupted = rejectionBy(AbortSignal.any([limits.signal, words.tooMuch]), ended.signal);
    const { account, version } = await Promise.race([answers, interrupted]);
    if (version === undefined || isOlder(version, OLDEST_VERSION)) throw tooOld(version);
    if (needsLogin(account)) throw loginNeeded();
    return { account, version };
  } catch (error) {
    throw await diagnosis(connection, { ...limits, words, error });
  } finally {
    ended.abort();
  }
}

/** Without `systemPromptSnapshot: false` 2.1.330 goes on with the system prompt that a resumed conversation began with. */
async function firstAnswers(connection: Connection, timeoutMs: number) {
  const [initialized, binary] = await Promise.all([
    connection.request({ subtype: 'initialize', systemPromptSnapshot: false }, timeoutMs),
    connection.request({ subtype: 'get_binary_version' }, timeoutMs).catch(() => undefined),
  ]);
  return { account: accountIn(initialized), version: versionOf(binary) };
}

interface Failure extends GreetingLimits {
  readonly words: FirstWords;
  readonly error: unknown;
}

async function diagnosis(
  connection: Connection,
  { program, readyTimeoutMs, signal, words, error }: Failure,
): Promise<unknown> {
  if (signal.aborted) return signal.reason;
  if (connection.hasExited()) return endedEarly(program, await connection.exited, words);
  if (words.tooMuch.aborted) return garbage(words, connection.stderrTail());
  if (error instanceof PoolError && error.code === 'TIMEOUT')
    return notReady(readyTimeoutMs, words, connection.stderrTail());
  return error;
}
