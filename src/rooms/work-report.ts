import type { WorkReport } from '../../machines/types.ts';
import type { Workspace, WorkspaceReport } from '../workspaces/port.ts';

const COMMITS = 200;
const FILES = 500;
const MISSING = 100;

/** What was seen of a workspace, short enough to be kept with the task. */
export function workReport(
  { id, path, missing }: Workspace,
  { branch, base, commits, filesChanged, diffStat, dirty, preservedRef }: WorkspaceReport,
): WorkReport {
  return {
    id,
    path,
    branch,
    base,
    commits: commits.slice(-COMMITS),
    filesChanged: filesChanged.slice(0, FILES),
    diffStat,
    dirty,
    ...(preservedRef !== undefined && { preservedRef }),
    missing: missing.slice(0, MISSING),
  };
}
