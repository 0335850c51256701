import type { DrainSummary } from '../../index.ts';
import { money } from '../history/plain-text.ts';

/** What became of the tasks of a pool, for a reader. */
export function inWords({
  completedTasks,
  errorCount,
  cancelledTasks,
  keptTasks,
  totalSpendUsd,
}: DrainSummary): string {
  const ends = `${completedTasks} completed, ${errorCount} failed, ${cancelledTasks} cancelled`;
  return `${ends}, ${keptTasks} kept for the next start, ${money(totalSpendUsd)} spent.`;
}
