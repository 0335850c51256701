import { constants } from 'node:fs';
import { access, cp } from 'node:fs/promises';
import path from 'node:path';
import type { Repository } from './repository.ts';

const LIST = '.worktreeinclude';
const CHUNK = 500;

export interface Inclusion {
  /** The main checkout. */
  readonly checkout: string;
  /** The worktree. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Copies the ignored files of the main checkout that its `.worktreeinclude` names, in the syntax of `.gitignore`. */
export async function copyIncluded(
  repository: Repository,
  { checkout, folder, signal }: Inclusion,
): Promise<void> {
  const isThere = await access(path.join(checkout, LIST)).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  for (const file of await includedFiles(repository, checkout, signal)) {
    signal.throwIfAborted();
    await cp(path.join(checkout, file), path.join(folder, file), {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
    });
  }
}

async function includedFiles(
  repository: Repository,
  checkout: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const named = ['ls-files', '-z', '--others', '--ignored', `--exclude-from=${LIST}`];
  const files = listOf(await repository.git(named, { signal, cwd: checkout }));
  const ignored: string[] = [];
  for (let start = 0; start < files.length; start += CHUNK) {
    const chunk = files.slice(start, start + CHUNK);
    const standard = ['--literal-pathspecs', 'ls-files', '-z', '--others', '--ignored', '--exclude-standard'];
    ignored.push(...listOf(await repository.git([...standard, '--', ...chunk], { signal, cwd: checkout })));
  }
  return ignored;
}

function listOf(text: string): readonly string[] {
  return text.split('\0').filter((entry) => entry !== '');
}
