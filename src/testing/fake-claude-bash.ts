import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const largestOutput = 30_000;
const running = new Set<number>();

/** What a command did. */
export interface BashEnd {
  readonly output: string;
  readonly exitCode: number | null;
}

/** Runs a command in a session of its own, as the CLI does. An abort kills the group and rejects. */
export async function runBash(
  command: string,
  { sessionId, signal }: { sessionId: string; signal: AbortSignal },
): Promise<BashEnd> {
  signal.throwIfAborted();
  const output = openUnnamedFile();
  try {
    const exitCode = await runInSession(command, { output, sessionId, signal });
    return { output: readAll(output), exitCode };
  } finally {
    closeSync(output);
  }
}

/** Kills the commands that still run. */
export function killBash(): void {
  for (const pid of running) killGroup(pid);
}

function runInSession(
  command: string,
  { output, sessionId, signal }: { output: number; sessionId: string; signal: AbortSignal },
): Promise<number | null> {
  const child = spawn('bash', ['-c', command], {
    detached: true,
    stdio: ['ignore', output, output],
    env: {
      ...process.env,
      CLAUDECODE: '1',
      CLAUDE_CODE_SESSION_ID: sessionId,
      CLAUDE_PID: String(process.pid),
    },
  });
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  const kill = () => pid !== undefined && killGroup(pid);
  signal.addEventListener('abort', kill);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode) => {
      if (pid !== undefined) running.delete(pid);
      signal.removeEventListener('abort', kill);
      if (signal.aborted) reject(signal.reason);
      else resolve(exitCode);
    });
  });
}

/** A child that outlives the command may keep a pipe open; a file it cannot. */
function openUnnamedFile(): number {
  const file = path.join(tmpdir(), `fake-claude-bash-${process.pid}`);
  const descriptor = openSync(file, 'w+');
  unlinkSync(file);
  return descriptor;
}

function readAll(descriptor: number): string {
  const buffer = Buffer.alloc(largestOutput);
  return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, largestOutput, 0)).trimEnd();
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}
