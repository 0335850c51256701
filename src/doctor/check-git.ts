import type { Config } from '../config/config.ts';
import { gitWorkspaces } from '../workspaces/git-workspaces.ts';
import type { Workspaces } from '../workspaces/port.ts';
import { openRepository } from '../workspaces/repository.ts';
import { faultDiagnosis } from './diagnosis.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Git, the repository, and what dead pools have left in it. Without worktrees, all of it can do without. */
export async function checkGit(
  { config, folder }: { readonly config: Config; readonly folder: string },
  signal: AbortSignal,
): Promise<readonly Diagnosis[]> {
  const repository = config.repository ?? config.claude?.cwd ?? folder;
  try {
    const { git } = await openRepository({ repository }, signal);
    const version = (await git(['version'], { signal })).replace('git version ', '');
    const sound: Diagnosis = { check: 'git', status: 'ok', message: `git ${version}.` };
    return [sound, ...(await abandoned(gitWorkspaces({ repository }), signal))];
  } catch (error) {
    signal.throwIfAborted();
    const isNeeded = config.workspace !== undefined || config.worktree === true;
    return [{ ...faultDiagnosis('git', error), status: isNeeded ? 'error' : 'warning' }];
  }
}

async function abandoned(workspaces: Workspaces, signal: AbortSignal): Promise<readonly Diagnosis[]> {
  const { worktrees } = await workspaces.list({ signal });
  const left = worktrees.filter(({ status }) => status === 'abandoned');
  if (left.length === 0)
    return [{ check: 'worktrees', status: 'ok', message: 'No worktrees of dead pools.' }];
  return [
    {
      check: 'worktrees',
      status: 'warning',
      message: `Dead pools have left ${left.length} worktrees: ${left.map(({ path }) => path).join(', ')}.`,
      remedy: 'Run `claude-pool worktrees --prune`: it saves their work first.',
      async fix() {
        const { removed, kept } = await workspaces.prune({ dryRun: false, signal });
        return `Saved and removed ${removed.length} worktrees, kept ${kept.length}.`;
      },
    },
  ];
}
