import { execa } from 'execa';
import { GIT_CONFIG, TIMEOUT_MS, tooSlow } from './git.ts';
import type { GitAnswer, GitCall } from './git.ts';
import { takeLockFile } from './lock-file.ts';
import { identityOf } from './process-identity.ts';
import { signalWithin } from './signal-within.ts';
import { worktreeError } from './worktree-error.ts';

/** Reads a line, and becomes git only then: when the pool dies before, git never begins. */
const GATE = 'read -r go && exec git "$@"';

export interface AnnouncedCall extends GitCall {
  /** Held by git's process from before it begins until it has ended. */
  readonly lock: string;
}

/** Git that may outlive this process, and then is waited for by whoever comes next. After an abort too it has ended. */
export async function runAnnouncedGit(
  args: readonly string[],
  { cwd, env, signal, lock }: AnnouncedCall,
): Promise<GitAnswer> {
  signal.throwIfAborted();
  const ends = signalWithin(TIMEOUT_MS, signal);
  const config = GIT_CONFIG.flatMap((setting) => ['-c', setting]);
  const child = execa('sh', ['-c', GATE, 'sh', ...config, ...args], {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    cleanup: false,
    detached: true,
    cancelSignal: ends,
  });
  let release: (() => Promise<void>) | undefined;
  try {
    if (child.pid !== undefined) release = await takeLockFile(lock, ends, await identityOf(child.pid));
    child.stdin.end('go\n');
  } catch (error) {
    child.stdin.end();
    await child;
    throw error;
  }
  const { exitCode = -1, stdout, stderr, isCanceled } = await child;
  await release?.();
  if (isCanceled) throw signal.aborted ? signal.reason : tooSlow(args);
  return { exitCode, stdout, stderr };
}

export interface Patience {
  readonly signal: AbortSignal;
  readonly longestMs?: number;
}

/** Waits for the git that stands in the lock, ours or one that outlived its pool. Rejects with `WORKTREE` after the longest time. */
export async function announcedGitEnd(
  lock: string,
  { signal, longestMs = TIMEOUT_MS }: Patience,
): Promise<void> {
  const deadline = AbortSignal.timeout(longestMs);
  try {
    const release = await takeLockFile(lock, AbortSignal.any([signal, deadline]));
    await release();
  } catch (error) {
    signal.throwIfAborted();
    throw deadline.aborted ? stillRunning(lock, longestMs) : error;
  }
}

function stillRunning(lock: string, longestMs: number): Error {
  return worktreeError(
    `Expected the git of a pool that is gone to end within ${longestMs} ms, and it still runs. End the process that \`${lock}\` names, and try again.`,
  );
}
