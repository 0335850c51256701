import { readdirSync, readFileSync } from 'node:fs';
import { SESSION_MARK } from '../processes/session-mark.ts';

interface Guarded {
  readonly pid: number;
  readonly mark: string;
}

const guarded = new Set<Guarded>();

/** Kills the process and its descendants when the host exits. Returns how to stop guarding it. */
export function guardAtHostExit(session: Guarded): () => void {
  if (guarded.size === 0) process.on('exit', killGuarded);
  guarded.add(session);
  return () => {
    guarded.delete(session);
    if (guarded.size === 0) process.off('exit', killGuarded);
  };
}

/** Synchronous: nothing else runs in a host that exits. */
function killGuarded(): void {
  const marks = new Set([...guarded].map(({ mark }) => `${SESSION_MARK}=${mark}`));
  const descendants = linuxPids().filter((pid) => environmentOf(pid).some((entry) => marks.has(entry)));
  for (const pid of new Set([...[...guarded].map((session) => session.pid), ...descendants])) kill(pid);
}

function linuxPids(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
