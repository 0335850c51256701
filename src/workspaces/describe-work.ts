import { PRESERVED } from './layout.ts';
import type { LinkedWorktree } from './linked-worktree.ts';
import { mergeBase } from './merge-base.ts';
import type { FileChange, WorkspaceReport } from './port.ts';
import type { Repository } from './repository.ts';
import { takeSnapshot } from './snapshot.ts';

export interface Subject {
  readonly worktree: LinkedWorktree;
  readonly branch: string;
  readonly base: string;
  readonly task: string | undefined;
  readonly signal: AbortSignal;
}

/** What was done in a worktree since its base. */
export async function describeWork(repository: Repository, subject: Subject): Promise<WorkspaceReport> {
  const { worktree, branch, signal } = subject;
  const { head, headTree, tree } = await takeSnapshot(worktree, signal);
  const base = await baseAfter(repository, subject, head);
  const revisions = ['rev-list', '--reverse', `${base}..${head ?? base}`];
  const commits = (await repository.git(revisions, { signal })).split('\n').filter((line) => line !== '');
  const numbers = await repository.git(['diff', '--numstat', '--no-renames', '-z', base, tree], { signal });
  const diffStat = await repository.git(['diff', '--stat', '--stat-count=100', '--no-ext-diff', base, tree], {
    signal,
  });
  const preservedRef = await savedAs(repository, subject, tree);
  return {
    branch,
    base,
    commits,
    filesChanged: changesOf(numbers),
    diffStat,
    dirty: tree !== headTree,
    ...(preservedRef === undefined ? {} : { preservedRef }),
  };
}

/** Work that was rebased is compared with what it stands on now. */
async function baseAfter(
  repository: Repository,
  { base, signal }: Subject,
  head: string | undefined,
): Promise<string> {
  if (head === undefined) return base;
  const now = await mergeBase(repository, { tip: head, signal });
  const { exitCode } = await repository.ask(['merge-base', '--is-ancestor', base, now], { signal });
  return exitCode === 0 ? now : base;
}

/** As `git apply` takes it: with the last line break. */
export async function patchBetween(
  { git }: Repository,
  { base, goal, signal }: { readonly base: string; readonly goal: string; readonly signal: AbortSignal },
): Promise<string> {
  const patch = await git(['diff', '--no-ext-diff', '--no-color', '--binary', base, goal], { signal });
  return patch === '' ? '' : `${patch}\n`;
}

function changesOf(text: string): readonly FileChange[] {
  return text
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [added, deleted, ...rest] = entry.split('\t');
      return { path: rest.join('\t'), added: linesOf(added), deleted: linesOf(deleted) };
    });
}

function linesOf(count: string | undefined): number | undefined {
  return count === undefined || count === '-' ? undefined : Number(count);
}

async function savedAs(
  { git }: Repository,
  { task, signal }: Subject,
  tree: string,
): Promise<string | undefined> {
  if (task === undefined) return undefined;
  const ask = ['for-each-ref', '--sort=-creatordate', '--format=%(tree) %(refname)', `${PRESERVED}/${task}/`];
  const line = (await git(ask, { signal })).split('\n').find((entry) => entry.startsWith(`${tree} `));
  return line?.slice(tree.length + 1);
}
