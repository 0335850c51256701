import type { Repository } from './repository.ts';
import { registeredWorktrees } from './worktree-list.ts';

/** Paths of what is not committed in the main checkout. */
export async function missingChanges(
  repository: Repository,
  checkout: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const status = [
    'status',
    '--porcelain',
    '-z',
    '--no-renames',
    '--untracked-files=normal',
    '--ignore-submodules=dirty',
  ];
  const text = await repository.git(status, { signal, cwd: checkout });
  return text
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice(3));
}

/** The folder of the main checkout; `undefined` for a bare repository. */
export async function mainCheckout(repository: Repository, signal: AbortSignal): Promise<string | undefined> {
  const [main] = await registeredWorktrees(repository, signal);
  return main === undefined || main.bare ? undefined : main.path;
}
