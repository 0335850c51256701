import { PRESERVED } from './layout.ts';
import type { Place, Saving } from './layout.ts';
import type { LinkedWorktree } from './linked-worktree.ts';
import { isReachable } from './reachable.ts';
import type { Repository } from './repository.ts';
import { findCommit } from './resolve-commit.ts';
import { saveRef } from './save-ref.ts';
import { takeSnapshot } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';

export interface Preservation extends Saving {
  readonly place: Place;
  readonly worktree: LinkedWorktree;
  /** Where the branch goes next: it keeps that commit itself. */
  readonly base?: string;
  readonly signal: AbortSignal;
}

export interface Preserved {
  readonly ref: string | undefined;
  /** Repositories within the worktree, which are not in the ref. */
  readonly nested: readonly string[];
}

const IDENTITY = {
  GIT_AUTHOR_NAME: 'claude-pool',
  GIT_AUTHOR_EMAIL: 'claude-pool@localhost',
  GIT_COMMITTER_NAME: 'claude-pool',
  GIT_COMMITTER_EMAIL: 'claude-pool@localhost',
};

/** Saves, each under a ref, what no other branch reaches: what is on the disk, what is staged, where the branch was. */
export async function preserveWork(repository: Repository, saving: Preservation): Promise<Preserved> {
  const { worktree, place, task, attempt, signal } = saving;
  const snapshot = await takeSnapshot(worktree, signal);
  const ref = `${PRESERVED}/${task}/${attempt}`;
  const keep = async (name: string, commit: string): Promise<string | undefined> => {
    if (commit === saving.base) return undefined;
    if (await isReachable(repository, { commit, except: place.branch, signal })) return undefined;
    return saveRef(repository, { ref: name, commit, signal });
  };
  const staged = await stagedCommit(snapshot, saving);
  const stagedRef = staged === undefined ? undefined : await keep(`${ref}.staged`, staged);
  const tip = await findCommit(repository, `refs/heads/${place.branch}`, signal);
  if (tip !== undefined && tip !== snapshot.head) await keep(`${ref}.branch`, tip);
  const commit = await diskCommit(snapshot, saving);
  const saved = commit === undefined ? undefined : await keep(ref, commit);
  const found = saved ?? (await savedRef(repository, saving, commit)) ?? stagedRef;
  return { ref: found, nested: snapshot.nested };
}

async function diskCommit(
  { head, headTree, tree }: Snapshot,
  saving: Preservation,
): Promise<string | undefined> {
  return tree === headTree ? head : commitTree({ tree, head, words: 'unsaved work' }, saving);
}

async function stagedCommit(
  { head, headTree, tree, staged }: Snapshot,
  saving: Preservation,
): Promise<string | undefined> {
  if (staged === undefined || staged === tree || staged === headTree) return undefined;
  return commitTree({ tree: staged, head, words: 'staged work' }, saving);
}

interface NewCommit {
  readonly tree: string;
  readonly head: string | undefined;
  readonly words: string;
}

function commitTree(
  { tree, head, words }: NewCommit,
  { worktree, task, attempt, signal }: Preservation,
): Promise<string> {
  const parents = head === undefined ? [] : ['-p', head];
  const message = `claude-pool: ${words} of task ${task}, attempt ${attempt}`;
  return worktree.git(['commit-tree', tree, ...parents, '-m', message], { signal, env: IDENTITY });
}

/** Where an earlier call saved the same. */
async function savedRef(
  { git }: Repository,
  { task, attempt, signal }: Preservation,
  commit: string | undefined,
): Promise<string | undefined> {
  if (commit === undefined) return undefined;
  const own = [`${PRESERVED}/${task}/${attempt}`, `${PRESERVED}/${task}/${attempt}.*`];
  const refs = await git(
    ['for-each-ref', '--count=1', `--points-at=${commit}`, '--format=%(refname)', ...own],
    { signal },
  );
  return refs === '' ? undefined : refs;
}
