import path from 'node:path';
import { takeLockFile } from './lock-file.ts';
import { makeFolder } from './make-folder.ts';
import { inTurn } from './turn-taking.ts';
import { unwritable } from './worktree-error.ts';

/** Runs alone for this lock file: in this process, and among processes. */
export function exclusively<Value>(
  { file, signal }: { readonly file: string; readonly signal: AbortSignal },
  work: () => Promise<Value>,
): Promise<Value> {
  const alone = async (): Promise<Value> => {
    const release = await take(file, signal);
    try {
      return await work();
    } finally {
      await release();
    }
  };
  return inTurn({ key: file, signal, work: alone });
}

async function take(file: string, signal: AbortSignal): Promise<() => Promise<void>> {
  await makeFolder(path.dirname(file));
  try {
    return await takeLockFile(file, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw unwritable(path.dirname(file), error);
  }
}
