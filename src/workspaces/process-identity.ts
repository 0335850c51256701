import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { findProcess } from '../processes/process-tree.ts';

/** A process, told apart from a later one with the same pid by its start, and from one of another machine. */
export type ProcessIdentity = z.infer<typeof processIdentity>;

export const processIdentity = z.object({ pid: z.int(), startedAt: z.string(), host: z.string() });

export function ownIdentity(): Promise<ProcessIdentity> {
  return identityOf(process.pid);
}

export async function identityOf(pid: number): Promise<ProcessIdentity> {
  return { pid, startedAt: (await startOf(pid)) ?? '', host: hostname() };
}

/** Only evidence makes a process dead: one of another machine may live. */
export async function mayLive({ pid, startedAt, host }: ProcessIdentity): Promise<boolean> {
  return host !== hostname() || (await startOf(pid)) === startedAt;
}

export function isSame(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && one.startedAt === other.startedAt && one.host === other.host;
}

async function startOf(pid: number): Promise<string | undefined> {
  const found = await findProcess(pid);
  if (found === undefined || process.platform !== 'linux') return found?.startedAt;
  // Linux counts from its own start.
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return `${boot.trim()}/${found.startedAt}`;
}
