import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { parseStat } from './linux-stat.ts';
import { markIn } from './mark-in.ts';
import { hostOf } from './session-mark.ts';

/** A process, told apart from a later one with the same pid by its start time. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

export interface ProcessRow extends ProcessIdentity {
  readonly parent: number;
}

/** The process and all below it, as long as their parents live. */
export async function processTree(root: number): Promise<ProcessIdentity[]> {
  return below(new Set([root]), await processTable()).map(identityOf);
}

/** Those processes and all that stand below one of them. */
export function below(roots: ReadonlySet<number>, table: readonly ProcessRow[]): ProcessRow[] {
  const found = table.filter(({ pid }) => roots.has(pid));
  const pids = new Set(roots);
  for (const { pid } of found) {
    const children = table.filter((row) => row.parent === pid && !pids.has(row.pid));
    for (const child of children) pids.add(child.pid);
    found.push(...children);
  }
  return found;
}

/** The process and all above it. */
export function lineage(leaf: number, table: readonly ProcessRow[]): Set<number> {
  const parents = new Map(table.map(({ pid, parent }) => [pid, parent]));
  const pids = new Set<number>();
  for (let pid: number | undefined = leaf; pid !== undefined && !pids.has(pid); pid = parents.get(pid))
    pids.add(pid);
  return pids;
}

/** All processes whose environment carries the mark, also those whose parents are gone. Linux only. */
export async function markedProcesses(mark: string): Promise<ProcessIdentity[]> {
  if (process.platform !== 'linux') return [];
  const hostStartedAt = Number(hostOf(mark)?.startedAt ?? 0);
  const younger = linuxRows(linuxPids()).filter(({ startedAt }) => Number(startedAt) >= hostStartedAt);
  const marks = await Promise.all(younger.map(({ pid }) => markIn(pid)));
  return younger.filter((_, index) => marks[index] === mark).map(identityOf);
}

/** Those that still run. A zombie does not. */
export async function survivors(processes: readonly ProcessIdentity[]): Promise<ProcessIdentity[]> {
  if (processes.length === 0) return [];
  const pids = processes.map(({ pid }) => pid);
  const rows = process.platform === 'linux' ? linuxRows(pids) : await processTable();
  return processes.filter(({ pid, startedAt }) =>
    rows.some((row) => row.pid === pid && row.startedAt === startedAt),
  );
}

/** The process, unless it has ended. */
export async function findProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const row = process.platform === 'linux' ? linuxRow(pid) : (await psRows()).find((one) => one.pid === pid);
  return row === undefined ? undefined : identityOf(row);
}

/** All processes that have not ended. */
export async function processTable(): Promise<ProcessRow[]> {
  return process.platform === 'linux' ? linuxRows(linuxPids()) : psRows();
}

function linuxPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function linuxRows(pids: readonly number[]): ProcessRow[] {
  return pids.map(linuxRow).filter((row) => row !== undefined);
}

/** Synchronous: the kernel answers from memory, and a file handle for each process takes six times as long. */
function linuxRow(pid: number): ProcessRow | undefined {
  const stat = parseStat(statOf(pid));
  return stat === undefined || stat.hasEnded ? undefined : stat;
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}

async function psRows(): Promise<ProcessRow[]> {
  const { stdout } = await execa('ps', ['-A', '-o', 'pid=,ppid=,state=,lstart='], { reject: false });
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, state = 'Z', ...started] = line.trim().split(/\s+/);
    return state.startsWith('Z')
      ? []
      : [{ pid: Number(pid), parent: Number(parent), startedAt: started.join(' ') }];
  });
}

export function identityOf({ pid, startedAt }: ProcessRow): ProcessIdentity {
  return { pid, startedAt };
}
