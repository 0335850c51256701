import { PRESERVED } from './layout.ts';
import type { RestoreOptions } from './port.ts';
import type { Repository } from './repository.ts';
import { resolveCommit } from './resolve-commit.ts';
import { worktreeError } from './worktree-error.ts';

/** Creates a branch at saved work. Moves no branch that exists. */
export async function restoreWork(
  repository: Repository,
  { ref, branch, signal }: RestoreOptions,
): Promise<void> {
  if (!ref.startsWith(`${PRESERVED}/`)) {
    throw worktreeError(
      `Expected \`ref\` to start with \`${PRESERVED}/\`, got \`${ref}\`. See the list of preserved work.`,
    );
  }
  const commit = await resolveCommit(repository, ref, signal);
  await repository.git(['check-ref-format', '--branch', branch], { signal });
  const none = '0'.repeat(commit.length);
  const create = ['update-ref', '--no-deref', `refs/heads/${branch}`, commit, none];
  const { exitCode, stderr } = await repository.ask(create, { signal });
  if (exitCode === 0) return;
  throw worktreeError(`Expected to create branch \`${branch}\`, got: ${stderr.trim()}. Choose another name.`);
}
