import { readdir, readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { SESSION_MARK } from './environment.ts';

/** A process, told apart from a later one with the same pid by its start time. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

interface ProcessRow extends ProcessIdentity {
  readonly parent: number;
}

/** The process and all below it, as long as their parents live. */
export async function processTree(root: number): Promise<ProcessIdentity[]> {
  const rows = await processTable();
  const tree = rows.filter(({ pid }) => pid === root);
  for (const { pid } of tree) tree.push(...rows.filter(({ parent }) => parent === pid));
  return tree.map(identityOf);
}

/** All processes whose environment carries the mark, also those whose parents are gone. Linux only. */
export async function markedProcesses(mark: string): Promise<ProcessIdentity[]> {
  if (process.platform !== 'linux') return [];
  const pids = await linuxPids();
  const marked = await Promise.all(
    pids.map(async (pid) => ((await hasMark(pid, mark)) ? linuxRow(pid) : undefined)),
  );
  return marked.filter((row) => row !== undefined).map(identityOf);
}

/** Those that still run. A zombie does not. */
export async function survivors(processes: readonly ProcessIdentity[]): Promise<ProcessIdentity[]> {
  if (processes.length === 0) return [];
  const pids = processes.map(({ pid }) => pid);
  const rows = process.platform === 'linux' ? await linuxRows(pids) : await processTable();
  return processes.filter(({ pid, startedAt }) =>
    rows.some((row) => row.pid === pid && row.startedAt === startedAt),
  );
}

async function processTable(): Promise<ProcessRow[]> {
  return process.platform === 'linux' ? linuxRows(await linuxPids()) : psRows();
}

async function linuxPids(): Promise<number[]> {
  const names = await readdir('/proc');
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

async function linuxRows(pids: readonly number[]): Promise<ProcessRow[]> {
  const rows = await Promise.all(pids.map(linuxRow));
  return rows.filter((row) => row !== undefined);
}

async function linuxRow(pid: number): Promise<ProcessRow | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The command's name may hold spaces and brackets: the fields are counted from its last bracket.
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startedAt = rest[17];
  if (state === undefined || startedAt === undefined || 'ZX'.includes(state)) return undefined;
  return { pid, parent: Number(parent), startedAt };
}

async function hasMark(pid: number, mark: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return environment.split('\0').includes(`${SESSION_MARK}=${mark}`);
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

function identityOf({ pid, startedAt }: ProcessRow): ProcessIdentity {
  return { pid, startedAt };
}
