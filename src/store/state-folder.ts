import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from './store-error.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

export interface StateFolder {
  readonly database: string;
  readonly lock: string;
  readonly owner: string;
}

export function stateFolder(stateDir: string): StateFolder {
  return {
    database: path.resolve(stateDir, 'pool.db'),
    lock: path.resolve(stateDir, 'pool.lock'),
    owner: path.resolve(stateDir, 'pool.owner.json'),
  };
}

/** The folder with its empty files, which nobody but the user can read. What exists is closed to others. */
export function makeStateFolder({ database, lock, owner }: StateFolder): void {
  mkdirSync(path.dirname(database), { recursive: true, mode: FOLDER_MODE });
  for (const file of [database, lock]) makeFile(file);
  for (const file of [database, lock, owner, `${database}-wal`, `${database}-shm`]) closeToOthers(file);
}

/**
 * Never opens a file that exists: whoever closes a descriptor takes all of the process's locks off its file.
 * Synchronous for the same reason: nobody else may lock between opening and closing.
 */
function makeFile(file: string): void {
  try {
    writeFileSync(file, '', { flag: 'wx', mode: FILE_MODE });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function closeToOthers(file: string): void {
  if (existsSync(file) && (statSync(file).mode & 0o077) !== 0) chmodSync(file, FILE_MODE);
}
