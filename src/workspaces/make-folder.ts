import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { unwritable } from './worktree-error.ts';

/** With all above it. Rejects with `WORKTREE`. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    // Of a read-only disk `mkdir` says `ENOENT`.
    const cause: unknown = await access(await nearestFolder(folder), constants.W_OK).then(
      () => error,
      (reason: unknown) => reason,
    );
    throw unwritable(folder, cause);
  }
}

/** The folder, or what is there of the way to it. */
export async function nearestFolder(wanted: string): Promise<string> {
  const isThere = await access(wanted).then(
    () => true,
    () => false,
  );
  return isThere ? wanted : nearestFolder(path.dirname(wanted));
}
