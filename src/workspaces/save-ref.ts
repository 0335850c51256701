import type { Repository } from './repository.ts';
import { worktreeError } from './worktree-error.ts';

export interface SavedCommit {
  readonly ref: string;
  readonly commit: string;
  readonly signal: AbortSignal;
}

const TRIES = 100;

/** Puts the commit under the ref, or under the next free one: `<ref>.2` and so on. Overwrites nothing. */
export async function saveRef(repository: Repository, { ref, commit, signal }: SavedCommit): Promise<string> {
  for (let count = 1; count <= TRIES; count += 1) {
    const name = count === 1 ? ref : `${ref}.${count}`;
    if (await isSameWork(repository, { ref: name, commit, signal })) return name;
    if (await create(repository, { ref: name, commit, signal })) return name;
  }
  throw worktreeError(
    `Expected to save work as \`${ref}\`, and ${TRIES} refs of that name are taken. Remove some of them.`,
  );
}

async function create({ ask }: Repository, { ref, commit, signal }: SavedCommit): Promise<boolean> {
  const none = '0'.repeat(commit.length);
  const { exitCode, stderr } = await ask(['update-ref', '--no-deref', ref, commit, none], { signal });
  if (exitCode !== 0 && !/already exists|File exists|expected/.test(stderr)) {
    throw worktreeError(`Expected to save work as \`${ref}\`, got: ${stderr.trim()}`);
  }
  return exitCode === 0;
}

/** Two commits of one tree and one parent differ in their time only. */
async function isSameWork({ ask }: Repository, { ref, commit, signal }: SavedCommit): Promise<boolean> {
  const works = await Promise.all(
    [ref, commit].map(async (name) => {
      const { exitCode, stdout } = await ask(['log', '-1', '--format=%T %P', name, '--'], { signal });
      return exitCode === 0 ? stdout : undefined;
    }),
  );
  return works[0] !== undefined && works[0] === works[1];
}
