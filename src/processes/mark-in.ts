import { readFile } from 'node:fs/promises';
import { SESSION_MARK } from './session-mark.ts';

const ASSIGNMENT = `${SESSION_MARK}=`;

/** The mark in the environment of a process; undefined without one, or when it may not be read. Linux only. */
export async function markIn(pid: number): Promise<string | undefined> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return environment
    .split('\0')
    .find((entry) => entry.startsWith(ASSIGNMENT))
    ?.slice(ASSIGNMENT.length);
}
