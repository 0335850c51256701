import { readFile } from 'node:fs/promises';

const BYTES_PER_KIBIBYTE = 1024;

/** The memory that a process holds, or undefined where that cannot be read. Linux only. */
export async function residentBytes(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined || process.platform !== 'linux') return undefined;
  // `statm` counts in pages, whose size Node does not tell.
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * BYTES_PER_KIBIBYTE;
}
