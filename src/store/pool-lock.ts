import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Timestamp } from '../../machines/types.ts';
import { PoolError } from '../errors.ts';
import type { Connect } from './connection.ts';
import type { StateFolder } from './state-folder.ts';
import { codeOf } from './store-error.ts';

const ownerSchema = z.object({ pid: z.int(), host: z.string(), since: z.string() });

export interface PoolLockOptions {
  readonly folder: StateFolder;
  readonly connect: Connect;
  readonly now: () => Timestamp;
}

/**
 * Claims the folder for this pool, and returns the release. Throws `STORE`, naming the owner, when it is taken.
 *
 * The lock is the operating system's, on an empty file, and ends with the process, however that ends. SQLite takes it
 * because Node cannot, and because SQLite also keeps two pools of one process apart. Nothing may open the file beside.
 */
export function takePoolLock({ folder, connect, now }: PoolLockOptions): () => void {
  const connection = connect(folder.lock);
  try {
    connection.exec('PRAGMA journal_mode = OFF; BEGIN IMMEDIATE');
  } catch (error) {
    connection.close();
    throw codeOf(error) === 'SQLITE_BUSY' ? takenBy(folder, error) : error;
  }
  signOwner(folder, now());
  return () => {
    rmSync(folder.owner, { force: true });
    connection.exec('ROLLBACK');
    connection.close();
  };
}

/** Who works on the folder, in words; `undefined` when nobody does. */
export function lockOwner(folder: StateFolder, connect: Connect): string | undefined {
  const connection = connect(folder.lock);
  try {
    connection.exec('BEGIN IMMEDIATE; ROLLBACK');
    return undefined;
  } catch (error) {
    if (codeOf(error) === 'SQLITE_BUSY') return ownerIn(folder.owner);
    throw error;
  } finally {
    connection.close();
  }
}

function signOwner({ owner }: StateFolder, at: Timestamp): void {
  const draft = `${owner}.draft`;
  const text = JSON.stringify({ pid: process.pid, host: hostname(), since: new Date(at).toISOString() });
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, owner);
}

function takenBy({ owner, lock }: StateFolder, cause: unknown): PoolError {
  return new PoolError(
    'STORE',
    `Expected \`stateDir\` to be free, got \`${path.dirname(lock)}\`, which ${ownerIn(owner)} works on. ` +
      'Stop that pool first, or give another folder.',
    { cause },
  );
}

function ownerIn(file: string): string {
  try {
    const { pid, host, since } = ownerSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return `the pool of process ${pid} on ${host} (since ${since})`;
  } catch {
    return 'another pool';
  }
}
