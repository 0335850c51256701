import { readFile } from 'node:fs/promises';
import { parseStat } from '../processes/linux-stat.ts';
import type { Host } from '../processes/session-mark.ts';

/** Whether it is certain that the process has ended. */
export async function isHostGone({ pid, startedAt }: Host): Promise<boolean> {
  const stat = parseStat(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
  // `/proc` may hide other users' processes: what cannot be read there may still be alive.
  if (stat === undefined) return !exists(pid);
  return stat.hasEnded || stat.startedAt !== startedAt;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
