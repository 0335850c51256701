import type { Repository } from './repository.ts';
import { PRESERVED } from './layout.ts';

export interface Reach {
  readonly commit: string;
  /** Short name of the branch that does not count, because it is about to move. */
  readonly except: string;
  readonly signal: AbortSignal;
}

/** Whether another branch, a tag or a preserved ref keeps the commit. */
export async function isReachable({ git }: Repository, { commit, except, signal }: Reach): Promise<boolean> {
  const places = ['refs/heads', 'refs/remotes', 'refs/tags', PRESERVED];
  const ask = ['for-each-ref', '--count=2', `--contains=${commit}`, '--format=%(refname)', ...places];
  const refs = (await git(ask, { signal })).split('\n');
  return refs.some((ref) => ref !== '' && ref !== `refs/heads/${except}`);
}
