import { execa } from 'execa';
import { GIT_CONFIG } from './git.ts';
import type { GitAnswer, GitCall } from './git.ts';

/** Reads a line, and becomes git only then: when the pool dies before, git never begins. */
const GATE = 'read -r go && exec git "$@"';

export interface AnnouncedCall extends GitCall {
  /** Given the id of the process before git begins. */
  readonly announce: (pid: number) => Promise<void>;
}

/** Git in a process that is known to others before it does anything, and that ends by itself when the pool dies. */
export async function runAnnouncedGit(
  args: readonly string[],
  { cwd, env, signal, announce }: AnnouncedCall,
): Promise<GitAnswer> {
  signal.throwIfAborted();
  const config = GIT_CONFIG.flatMap((setting) => ['-c', setting]);
  const child = execa('sh', ['-c', GATE, 'sh', ...config, ...args], {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    cleanup: false,
    detached: true,
    cancelSignal: signal,
  });
  try {
    if (child.pid !== undefined) await announce(child.pid);
    child.stdin.end('go\n');
  } catch (error) {
    child.stdin.end();
    await child;
    throw error;
  }
  const { exitCode = -1, stdout, stderr } = await child;
  return { exitCode, stdout, stderr };
}
