import type { GitRun, Repository } from './repository.ts';
import type { MergeMode } from './port.ts';
import { worktreeError } from './worktree-error.ts';

export interface Combination {
  readonly mode: MergeMode;
  /** The commit that is taken in, and the one that takes it. */
  readonly from: string;
  readonly target: string;
  readonly message: string;
  readonly signal: AbortSignal;
}

export type Combined =
  | { readonly status: 'combined'; readonly commit: string }
  | { readonly status: 'conflict'; readonly files: readonly string[] }
  | { readonly status: 'diverged' };

type Tree =
  | { readonly status: 'clean'; readonly tree: string }
  | { readonly status: 'conflict'; readonly files: readonly string[] };

/** Makes the commit that takes one into the other, out of objects only: no checkout, index or ref is touched. */
export async function combine(repository: Repository, combination: Combination): Promise<Combined> {
  const { mode, from, target } = combination;
  if (await isAncestor(repository, { ...combination, older: from, newer: target })) {
    return { status: 'combined', commit: target };
  }
  const isAhead = await isAncestor(repository, { ...combination, older: target, newer: from });
  if (mode === 'ff') return isAhead ? { status: 'combined', commit: from } : { status: 'diverged' };
  if (mode === 'rebase')
    return isAhead ? { status: 'combined', commit: from } : rebase(repository, combination);
  const parents = mode === 'merge' ? [target, from] : [target];
  return mergeAll(repository, combination, parents);
}

async function mergeAll(
  repository: Repository,
  { from, target, message, signal }: Combination,
  parents: readonly string[],
): Promise<Combined> {
  const merged = await mergeTrees(repository, { ours: target, theirs: from, signal });
  if (merged.status === 'conflict') return merged;
  // Work that was squashed is no ancestor of what it is in.
  const isIn = parents.length === 1 && merged.tree === (await treeOf(repository, target, signal));
  if (isIn) return { status: 'combined', commit: target };
  const env = await identity(repository, signal);
  const commit = await commitTree(repository, { tree: merged.tree, parents, message }, { signal, env });
  return { status: 'combined', commit };
}

async function rebase(repository: Repository, combination: Combination): Promise<Combined> {
  const { from, target, signal } = combination;
  const list = ['rev-list', '--reverse', '--first-parent', `${target}..${from}`];
  const commits = (await repository.git(list, { signal })).split('\n').filter((line) => line !== '');
  let onto = target;
  for (const commit of commits) {
    const picked = await pick(repository, { ...combination, from: commit, target: onto });
    if (picked.status !== 'combined') return picked;
    onto = picked.commit;
  }
  return { status: 'combined', commit: onto };
}

/** Both sides are given the picked commit's parent as theirs: so that is what git merges against. */
async function pick(repository: Repository, { from, target, signal }: Combination): Promise<Combined> {
  const { git } = repository;
  const env = await identity(repository, signal);
  const stand = (name: string): Promise<string> =>
    commitTree(
      repository,
      { tree: `${name}^{tree}`, parents: [`${from}^`], message: 'base' },
      { signal, env },
    );
  const merged = await mergeTrees(repository, {
    ours: await stand(target),
    theirs: await stand(from),
    signal,
  });
  if (merged.status === 'conflict') return merged;
  if (merged.tree === (await treeOf(repository, target, signal)))
    return { status: 'combined', commit: target };
  const [name = '', email = '', date = '', ...message] = (
    await git(['log', '-1', '--format=%an%x00%ae%x00%ad%x00%B', '--date=raw', from], { signal })
  ).split('\0');
  const author = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date };
  const content = { tree: merged.tree, parents: [target], message: message.join('\0').trimEnd() };
  return {
    status: 'combined',
    commit: await commitTree(repository, content, { signal, env: { ...env, ...author } }),
  };
}

function treeOf({ git }: Repository, commit: string, signal: AbortSignal): Promise<string> {
  return git(['rev-parse', `${commit}^{tree}`], { signal });
}

interface Sides {
  readonly ours: string;
  readonly theirs: string;
  readonly signal: AbortSignal;
}

async function mergeTrees({ ask }: Repository, { ours, theirs, signal }: Sides): Promise<Tree> {
  const merge = ['merge-tree', '--write-tree', '--no-messages', '--name-only', '-z', ours, theirs];
  const { exitCode, stdout, stderr } = await ask(merge, { signal });
  const [tree = '', ...files] = stdout.split('\0').filter((entry) => entry !== '');
  if (exitCode === 0) return { status: 'clean', tree };
  if (exitCode === 1) return { status: 'conflict', files };
  throw worktreeError(`Expected \`${theirs}\` to be merged into \`${ours}\`, got: ${stderr.trim()}`);
}

interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
}

function commitTree(
  { git }: Repository,
  { tree, parents, message }: NewCommit,
  run: GitRun,
): Promise<string> {
  return git(['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', message], run);
}

interface Line {
  readonly older: string;
  readonly newer: string;
  readonly signal: AbortSignal;
}

async function isAncestor({ ask }: Repository, { older, newer, signal }: Line): Promise<boolean> {
  return (await ask(['merge-base', '--is-ancestor', older, newer], { signal })).exitCode === 0;
}

/** The user's own, where git knows one. */
async function identity({ ask }: Repository, signal: AbortSignal): Promise<Record<string, string>> {
  if ((await ask(['var', 'GIT_COMMITTER_IDENT'], { signal })).exitCode === 0) return {};
  return {
    GIT_AUTHOR_NAME: 'claude-pool',
    GIT_AUTHOR_EMAIL: 'claude-pool@localhost',
    GIT_COMMITTER_NAME: 'claude-pool',
    GIT_COMMITTER_EMAIL: 'claude-pool@localhost',
  };
}
