import Table from 'cli-table3';
import pc from 'picocolors';
import { listWorktrees, pruneWorktrees } from '../index.ts';
import { answering } from './answering.ts';
import { printData } from './envelope.ts';
import type { WorktreesFlags } from './worktrees-command.ts';

type Site = { readonly repository: string; readonly signal: AbortSignal };

/** `claude-pool worktrees`. Resolves with the exit code. */
export function printWorktrees({ repository, prune, dryRun, json }: WorktreesFlags): Promise<number> {
  return answering({ ...(json !== undefined && { json }) }, async (signal) => {
    const site: Site = { repository, signal };
    if (prune === true) await printPruned(site, { dryRun: dryRun === true, json: json === true });
    else await printList(site, json === true);
  });
}

async function printList(site: Site, isJson: boolean): Promise<void> {
  const { worktrees, preserved } = await listWorktrees(site);
  if (isJson) {
    printData({ worktrees, preserved });
    return;
  }
  const trees = worktrees.map(({ status, pool, id, task = '', path }) => [status, pool, id, task, path]);
  const saved = preserved.map(({ task, savedAt, ref }) => [task, savedAt, ref]);
  write('No worktrees.', ['status', 'pool', 'id', 'task', 'path'], trees);
  write('No saved work.', ['task', 'saved at', 'ref'], saved);
}

async function printPruned(
  site: Site,
  { dryRun, json }: { readonly dryRun: boolean; readonly json: boolean },
): Promise<void> {
  const { removed, kept } = await pruneWorktrees({ ...site, dryRun });
  if (json) {
    printData({ dryRun, removed, kept });
    return;
  }
  const title = dryRun ? 'would be removed' : 'removed';
  write(
    'Nothing to remove.',
    [title, 'path'],
    removed.map(({ pool, id, path }) => [`${pool}/${id}`, path]),
  );
  for (const { worktree, reason } of kept) process.stdout.write(`kept ${worktree.path}: ${reason}\n`);
}

function write(none: string, head: readonly string[], rows: readonly string[][]): void {
  if (rows.length === 0) {
    process.stdout.write(`${none}\n`);
    return;
  }
  const table = new Table({
    head: head.map((title) => pc.bold(title)),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows);
  process.stdout.write(`${table.toString()}\n`);
}
