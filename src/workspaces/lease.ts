import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { announcedGitEnd } from './announced-git.ts';
import { exclusively } from './exclusively.ts';
import { worktreeLock } from './layout.ts';
import { isSame, mayLive, ownIdentity, processIdentity } from './process-identity.ts';
import type { Repository } from './repository.ts';
import { worktreeError } from './worktree-error.ts';
import { writeWhole } from './write-whole.ts';

/** Who holds a worktree, and for which task. It stays when the worktree is free: it says whose the folder is. */
export type Lease = z.infer<typeof lease>;

const lease = z.object({
  version: z.literal(1),
  pool: z.string(),
  id: z.string(),
  path: z.string(),
  branch: z.string(),
  base: z.string(),
  task: z.string().optional(),
  attempt: z.int().optional(),
  owner: processIdentity.optional(),
});

export type LeaseClaim = Omit<Lease, 'version' | 'owner'>;

/**
 * Takes the lease, and returns what it was before. Rejects with `WORKTREE` while a process that may live has it.
 * After an owner that died, the git is waited for that it has left at work in the worktree.
 */
export async function claimLease(
  repository: Repository,
  claim: LeaseClaim,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  const lock = path.join(repository.stateDir, 'leases.lock');
  const before = await exclusively({ file: lock, signal }, async () => {
    const found = await readLease(repository, claim);
    if (found?.owner !== undefined && (await mayLive(found.owner))) throw heldBy(found);
    const kept = found === undefined ? {} : { task: found.task, attempt: found.attempt, base: found.base };
    await writeLease(repository, { ...claim, ...kept, version: 1, owner: await ownIdentity() });
    return found;
  });
  if (before?.owner === undefined) return before;
  try {
    await announcedGitEnd(worktreeLock(repository, before), { signal });
    return before;
  } catch (error) {
    await writeLease(repository, before);
    throw error;
  }
}

/** Rejects with `WORKTREE` when this process does not hold the lease. */
export async function holdLease(repository: Repository, of: Pick<Lease, 'pool' | 'id'>): Promise<Lease> {
  const current = await readLease(repository, of);
  if (current?.owner !== undefined && isSame(current.owner, await ownIdentity())) return current;
  throw worktreeError(
    `Expected worktree \`${of.id}\` of pool \`${of.pool}\` to be acquired by this process, and it is not. Acquire it first.`,
  );
}

export async function readLease(
  repository: Repository,
  of: Pick<Lease, 'pool' | 'id'>,
): Promise<Lease | undefined> {
  return parseLease(await readFile(fileOf(repository, of), 'utf8').catch(() => ''));
}

export async function writeLease(repository: Repository, content: Lease): Promise<void> {
  await writeWhole(fileOf(repository, content), JSON.stringify(content));
}

/** Nobody holds it; whose the folder is stays known. */
export async function freeLease(repository: Repository, held: Lease): Promise<void> {
  await writeLease(repository, { ...held, owner: undefined });
}

export async function dropLease(repository: Repository, of: Pick<Lease, 'pool' | 'id'>): Promise<void> {
  await rm(fileOf(repository, of), { force: true });
}

/** Of all pools of the repository. */
export async function allLeases({ stateDir }: Repository): Promise<readonly Lease[]> {
  const folder = path.join(stateDir, 'leases');
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json')).toSorted();
  const texts = await Promise.all(
    files.map((name) => readFile(path.join(folder, name), 'utf8').catch(() => '')),
  );
  return texts.map(parseLease).filter((found) => found !== undefined);
}

function fileOf({ stateDir }: Repository, { pool, id }: Pick<Lease, 'pool' | 'id'>): string {
  return path.join(stateDir, 'leases', pool, `${id}.json`);
}

function parseLease(text: string): Lease | undefined {
  if (text === '') return undefined;
  return lease.safeParse(jsonOf(text)).data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function heldBy({ id, pool, owner }: Lease): Error {
  return worktreeError(
    `Expected worktree \`${id}\` of pool \`${pool}\` to be free, and process ${owner?.pid} on \`${owner?.host}\` holds it. Give this pool another name, or end that process.`,
  );
}
