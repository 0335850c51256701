import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { execa } from 'execa';
import { z } from 'zod';

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
  return process.platform === 'linux' ? linuxStart(pid) : psStart(pid);
}

async function linuxStart(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The command's name may hold spaces and brackets: the fields are counted from its last bracket.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = rest[18];
  if (state === undefined || ticks === undefined || 'ZX'.includes(state)) return undefined;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return `${boot.trim()}/${ticks}`;
}

async function psStart(pid: number): Promise<string | undefined> {
  const { stdout } = await execa('ps', ['-o', 'lstart=', '-p', String(pid)], { reject: false });
  return stdout.trim() === '' ? undefined : stdout.trim();
}
