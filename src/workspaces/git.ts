import type { EventEmitter } from 'node:events';
import { PoolError } from '../errors.ts';
import { worktreeError } from './worktree-error.ts';

export interface GitCall {
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string>>;
}

export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A signal ended it, and there is no exit code. */
const KILLED = -1;
export const TIMEOUT_MS = 600_000;

export const GIT_CONFIG = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.quotePath=false',
  'commit.gpgSign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
];

/** Runs git with neither hooks nor garbage collection. Its exit code is part of the answer; it rejects when git cannot run. */
export async function runGit(args: readonly string[], { cwd, signal, env }: GitCall): Promise<GitAnswer> {
  signal.throwIfAborted();
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  let exit = { exitCode: 0, stderr: '' };
  try {
    const { simpleGit } = await import('simple-git');
    const git = simpleGit({
      baseDir: cwd,
      abort: AbortSignal.any([signal, deadline]),
      config: GIT_CONFIG,
      completion: { onClose: true, onExit: false },
      unsafe: { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true },
      errors: (_, { exitCode, stdErr }) => {
        exit = {
          exitCode: typeof exitCode === 'number' ? exitCode : KILLED,
          stderr: Buffer.concat(stdErr).toString(),
        };
        return undefined;
      },
    });
    const stdout = await git
      .env({ ...env })
      .outputHandler((_, words) => spareThePause(words))
      .raw([...args]);
    signal.throwIfAborted();
    if (deadline.aborted) throw tooSlow(args);
    if (exit.stderr.includes('spawn git ENOENT')) throw noGit();
    return { ...exit, stdout };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof PoolError ? error : noFolder(cwd, error);
  }
}

/** simple-git waits 50 ms after a command that printed nothing. */
function spareThePause(words: EventEmitter): void {
  words.once('end', () => words.emit('data', Buffer.alloc(0)));
}

function noGit(): Error {
  return worktreeError('Expected the program `git` on the `PATH`, found none. Install git 2.38 or newer.');
}

export function tooSlow([command = '']: readonly string[]): Error {
  return worktreeError(
    `Expected \`git ${command}\` to end within ${TIMEOUT_MS} ms, and it did not. See what holds the disk.`,
  );
}

function noFolder(cwd: string, cause: unknown): Error {
  return worktreeError(
    `Expected \`${cwd}\` to be a folder in which git can run, and it is not: ${String(cause)}`,
    cause,
  );
}
