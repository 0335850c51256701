import { gitWorkspaces } from '../../src/workspaces/git-workspaces.ts';
import { gitIn, makeRepository, scratchFolder } from '../contracts/workspaces-stage.ts';
import { rm } from 'node:fs/promises';
import path from 'node:path';

const SLOTS = 16;

export interface Starts {
  readonly starts: number;
  readonly failures: readonly string[];
  /** Branches and worktrees that were left when all was removed. */
  readonly leftovers: string;
}

/** Starts 16 slots at once in one repository and removes them, again and again. */
export async function startSlots(starts: number): Promise<Starts> {
  const home = await scratchFolder();
  const repository = path.join(home, 'repository');
  await makeRepository(repository);
  const failures: string[] = [];
  for (let start = 0; start < starts; start += 1) {
    failures.push(...(await startOnce(repository, path.join(home, 'worktrees'))));
  }
  const branches = await gitIn(
    repository,
    'for-each-ref',
    '--format=%(refname)',
    'refs/heads/claude-pool',
    'refs/claude-pool',
  );
  const [, ...worktrees] = (await gitIn(repository, 'worktree', 'list')).split('\n');
  await rm(home, { recursive: true, force: true });
  return { starts, failures, leftovers: [branches, ...worktrees].filter((line) => line !== '').join('\n') };
}

async function startOnce(repository: string, folder: string): Promise<readonly string[]> {
  const workspaces = gitWorkspaces({ repository, folder });
  const { signal } = new AbortController();
  const outcomes = await Promise.allSettled(
    Array.from({ length: SLOTS }, async (_, slot) => {
      const id = `slot-${slot}`;
      return workspaces.acquire({ id, task: id, signal });
    }),
  );
  const made = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  await Promise.all(made.map((workspace) => workspaces.remove(workspace, { signal })));
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
}
