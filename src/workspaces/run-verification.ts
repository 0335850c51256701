import { execa } from 'execa';

export interface Verification {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type Verified = { readonly status: 'passed' } | { readonly status: 'failed'; readonly output: string };

const TAIL = 8000;

/** Runs the program; all of its processes end with it. Rejects with the signal's reason. */
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
  const isGroup = process.platform !== 'win32';
  const child = execa(program, args, {
    cwd,
    env,
    extendEnv: false,
    all: true,
    stdin: 'ignore',
    reject: false,
    detached: isGroup,
    maxBuffer: 50_000_000,
  });
  const end = (): void => endGroup(child.pid, isGroup);
  ends.addEventListener('abort', end, { once: true });
  try {
    const { failed, all, shortMessage } = await child;
    signal.throwIfAborted();
    if (!failed) return { status: 'passed' };
    const words = deadline.aborted ? `It did not end within ${timeoutMs} ms.` : shortMessage;
    return { status: 'failed', output: `${all.slice(-TAIL)}\n${words}`.trim() };
  } finally {
    ends.removeEventListener('abort', end);
    end();
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
