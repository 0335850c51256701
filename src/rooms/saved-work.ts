import type { WorkReport } from '../../machines/types.ts';
import type { SavedWork } from '../workspaces/port.ts';

/** Work that is in a branch of the user's needs no ref of its own. */
export function savedWork(work: WorkReport | undefined): SavedWork | undefined {
  const ref = work?.preservedRef ?? work?.commits.at(-1);
  if (work === undefined || ref === undefined) return undefined;
  return { ref, base: work.base, dirty: work.dirty && work.preservedRef !== undefined };
}
