import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { takeLockFile } from './lock-file.ts';
import { inTurn } from './turn-taking.ts';

/** Runs alone for this lock file: in this process, and among processes. */
export function exclusively<Value>(
  { file, signal }: { readonly file: string; readonly signal: AbortSignal },
  work: () => Promise<Value>,
): Promise<Value> {
  const alone = async (): Promise<Value> => {
    await mkdir(path.dirname(file), { recursive: true });
    const release = await takeLockFile(file, signal);
    try {
      return await work();
    } finally {
      await release();
    }
  };
  return inTurn({ key: file, signal, work: alone });
}
