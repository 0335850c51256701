import { execa } from 'execa';
import { PoolError } from '../errors.ts';
import type { SessionExit } from '../ports.ts';
import type { FirstWords } from './first-words.ts';
import { isOlder, OLDEST_VERSION, versionIn } from './version.ts';

const VERSION_TIMEOUT_MS = 5_000;
const UPDATE = 'Update it with `claude update`, or name another with the option `claude.command`.';
const LOGIN =
  'Log in with `claude` and `/login`, or set `ANTHROPIC_API_KEY` or `CLAUDE_CODE_OAUTH_TOKEN` in the environment.';

/** How a program that should be Claude is started, for messages and to ask for its version. */
export interface Program {
  readonly command: readonly [program: string, ...args: string[]];
  readonly env: Readonly<Record<string, string>>;
}

export function loginNeeded(): PoolError {
  return new PoolError('CLAUDE_AUTH', `Expected Claude to be logged in, got no credentials. ${LOGIN}`);
}

export function tooOld(version: string | undefined): PoolError {
  const found = version === undefined ? 'a program that does not tell its version' : `version ${version}`;
  const message = `Expected Claude ${OLDEST_VERSION} or newer, got ${found}. ${UPDATE}`;
  return new PoolError('CLAUDE_PROTOCOL', message);
}

export function notReady(timeoutMs: number, words: FirstWords, stderrTail: string): PoolError {
  if (words.malformed.length > 0) return garbage(words, stderrTail);
  const message = `Expected Claude to get ready within ${timeoutMs} ms, got no answer to \`initialize\`. Look at what it prints, or raise \`claude.readyTimeoutMs\`.`;
  return new PoolError('TIMEOUT', message + tail(stderrTail));
}

export function garbage({ malformed: [first = ''] }: FirstWords, stderrTail: string): PoolError {
  const message = `Expected Claude to speak lines of JSON, got \`${first}\`. Is \`claude.command\` the Claude CLI?`;
  return new PoolError('CLAUDE_PROTOCOL', message + tail(stderrTail));
}

/** Why a process ended before it was ready. */
export async function endedEarly(program: Program, exit: SessionExit, words: FirstWords): Promise<PoolError> {
  const said = [exit.stderrTail, ...words.errors].join('\n');
  if (/^setpriv: failed to execute/m.test(said)) return cannotRun(said);
  if (/no conversation found/i.test(said))
    return badOptions('the conversation to resume to be stored for this directory', said);
  if (/not logged in|\/login|invalid api key/i.test(said)) return loginNeeded();
  if (exit.code === undefined && exit.signal === undefined) return badOptions('the process to start', said);
  const version = await versionOf(program);
  if (version !== undefined && isOlder(version, OLDEST_VERSION)) return tooOld(version);
  if (/^error: |root\/sudo/im.test(said))
    return badOptions('Claude to accept the options of the session', said);
  const { malformed } = words;
  if (malformed.length > 0) return garbage(words, exit.stderrTail);
  const end = exit.signal === undefined ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  const message = `Expected Claude to answer \`initialize\`, got the end of its process with ${end}. Try the program by hand.`;
  return new PoolError('CLAUDE_PROTOCOL', message + tail(said));
}

function cannotRun(said: string): PoolError {
  const message =
    'Expected `claude.command` to be a program for this machine, got one that cannot be run. Install it anew.';
  return new PoolError('CLAUDE_NOT_FOUND', message + tail(said));
}

function badOptions(expected: string, said: string): PoolError {
  return new PoolError('INVALID_OPTIONS', `Expected ${expected}, got a refusal.${tail(said)}`);
}

async function versionOf({ command: [program, ...args], env }: Program): Promise<string | undefined> {
  const { stdout } = await execa(program, [...args, '--version'], {
    env,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: VERSION_TIMEOUT_MS,
    maxBuffer: 4096,
  });
  return versionIn(stdout);
}

function tail(stderr: string): string {
  return stderr.trim() === '' ? '' : ` It said: ${stderr.trim()}`;
}
