import { rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { gitWorkspaces } from '../../src/workspaces/git-workspaces.ts';
import { gitIn, makeRepository, scratchFolder } from '../contracts/workspaces-stage.ts';

const SLOTS = Array.from({ length: 16 }, (_, slot) => `slot-${slot}`);
const BARE = 'bare/';

export interface Starts {
  /** Worktrees that were to be made: 16 a start. */
  readonly worktrees: number;
  readonly failures: number;
  /** Branches that were there when all that had been made was removed. */
  readonly leftBranches: number;
  readonly left: readonly string[];
  readonly words: readonly string[];
}

/** Starts 16 slots at once in one repository and removes them, again and again: by us, and in turns by git alone. */
export async function startSlots(starts: number): Promise<{ readonly ours: Starts; readonly git: Starts }> {
  const home = await scratchFolder();
  const repository = path.join(home, 'repository');
  await makeRepository(repository);
  const words = { ours: new Array<string>(), git: new Array<string>() };
  for (let start = 0; start < starts; start += 1) {
    words.ours.push(...(await startOnce(repository, path.join(home, 'worktrees'))));
    words.git.push(...(await startBare(repository, { folder: path.join(home, 'bare'), start })));
  }
  const [, ...left] = (await gitIn(repository, 'worktree', 'list')).split('\n');
  const refs = await gitIn(repository, 'for-each-ref', '--format=%(refname:short)');
  const branches = refs.split('\n').filter((name) => name !== 'main');
  const talliedAs = (which: 'ours' | 'git', isIts: (name: string) => boolean): Starts => ({
    worktrees: starts * SLOTS.length,
    failures: words[which].length,
    leftBranches: branches.filter(isIts).length,
    left: left.filter((line) => line.includes(`/${which === 'ours' ? 'worktrees' : 'bare'}/`)),
    words: [...new Set(words[which].map((text) => text.replaceAll(/\d+/g, 'N')))],
  });
  await rm(home, { recursive: true, force: true });
  return {
    ours: talliedAs('ours', (name) => !name.startsWith(BARE)),
    git: talliedAs('git', (name) => name.startsWith(BARE)),
  };
}

async function startOnce(repository: string, folder: string): Promise<readonly string[]> {
  const workspaces = gitWorkspaces({ repository, folder });
  const { signal } = new AbortController();
  const outcomes = await Promise.allSettled(SLOTS.map((id) => workspaces.acquire({ id, task: id, signal })));
  const made = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  await Promise.all(made.map((workspace) => workspaces.remove(workspace, { signal })));
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
}

async function startBare(
  cwd: string,
  { folder, start }: { readonly folder: string; readonly start: number },
): Promise<readonly string[]> {
  const runs = await Promise.all(
    SLOTS.map(async (slot) => {
      const place = path.join(folder, slot);
      const branch = `${BARE}${start}-${slot}`;
      const { failed, stderr } = await execa('git', ['worktree', 'add', '-q', '-b', branch, place], {
        cwd,
        reject: false,
      });
      return { place, branch, failed, words: stderr.split('\n').at(-1) ?? '' };
    }),
  );
  for (const { place, branch } of runs.filter(({ failed }) => !failed)) {
    await gitIn(cwd, 'worktree', 'remove', place);
    await gitIn(cwd, 'branch', '-qD', branch);
  }
  await rm(folder, { recursive: true, force: true });
  await gitIn(cwd, 'worktree', 'prune');
  return runs.flatMap(({ failed, words }) => (failed ? [words] : []));
}
