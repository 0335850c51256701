import path from 'node:path';
import { nearestFolder } from './make-folder.ts';
import type { Repository } from './repository.ts';
import { worktreeError } from './worktree-error.ts';

/** Rejects with `WORKTREE` when worktrees would show as untracked files of a checkout. */
export async function demandHiddenFolder(
  { ask, worktreesDir, commonDir }: Repository,
  signal: AbortSignal,
): Promise<void> {
  if (worktreesDir.startsWith(`${commonDir}${path.sep}`)) return;
  const cwd = await nearestFolder(worktreesDir);
  const within = await ask(['rev-parse', '--is-inside-work-tree'], { signal, cwd });
  if (within.exitCode !== 0 || within.stdout.trim() !== 'true') return;
  const ignored = await ask(['check-ignore', '--quiet', '--', path.join(worktreesDir, 'worktree')], {
    signal,
    cwd,
  });
  if (ignored.exitCode === 0) return;
  throw worktreeError(
    `Expected \`worktreeDir\` to lie outside of checkouts or to be ignored, and \`${worktreesDir}\` is within one. Add it to \`.gitignore\`, or choose another \`worktreeDir\`.`,
  );
}
