import { execa } from 'execa';
import { processTree } from '../processes/process-tree.ts';
import type { ProcessIdentity } from '../processes/process-tree.ts';
import { SESSION_MARK, sessionMark } from '../processes/session-mark.ts';
import { sweep } from '../processes/sweep.ts';

export interface Verification {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type Verified = { readonly status: 'passed' } | { readonly status: 'failed'; readonly output: string };

const TAIL = 8000;

/**
 * Runs the program; all of its processes end with it, those that went into a session of their own too. They carry the
 * mark of a session: what a pool that dies leaves of them, the next one reaps. Rejects with the signal's reason.
 */
export async function runVerification({
  command: [program, ...args],
  cwd,
  env,
  timeoutMs,
  signal,
}: Verification): Promise<Verified> {
  signal.throwIfAborted();
  const deadline = AbortSignal.timeout(timeoutMs);
  const ends = AbortSignal.any([signal, deadline]);
  const mark = sessionMark();
  const isGroup = process.platform !== 'win32';
  const child = execa(program, args, {
    cwd,
    env: { ...env, [SESSION_MARK]: mark },
    extendEnv: false,
    all: true,
    stdin: 'ignore',
    reject: false,
    detached: isGroup,
    maxBuffer: 50_000_000,
  });
  let known: readonly ProcessIdentity[] = [];
  const end = async (): Promise<void> => {
    if (child.pid !== undefined) known = await processTree(child.pid);
    endGroup(child.pid, isGroup);
  };
  ends.addEventListener('abort', end, { once: true });
  try {
    const { failed, all, shortMessage } = await child;
    signal.throwIfAborted();
    if (!failed) return { status: 'passed' };
    const words = deadline.aborted ? `It did not end within ${timeoutMs} ms.` : shortMessage;
    return { status: 'failed', output: `${all.slice(-TAIL)}\n${words}`.trim() };
  } finally {
    ends.removeEventListener('abort', end);
    endGroup(child.pid, isGroup);
    await sweep({ mark, known });
  }
}

function endGroup(pid: number | undefined, isGroup: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(isGroup ? -pid : pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
