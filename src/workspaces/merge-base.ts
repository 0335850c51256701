import type { Repository } from './repository.ts';
import { resolveCommit } from './resolve-commit.ts';

export interface Tip {
  readonly tip: string;
  readonly signal: AbortSignal;
}

/** Where the work at `tip` has left the base of the workspaces; that base where they have nothing in common. */
export async function mergeBase(repository: Repository, { tip, signal }: Tip): Promise<string> {
  const base = await resolveCommit(repository, repository.base, signal);
  const { exitCode, stdout } = await repository.ask(['merge-base', base, tip], { signal });
  return exitCode === 0 ? stdout.trim() : base;
}
