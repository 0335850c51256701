import { stat } from 'node:fs/promises';
import { isHostGone } from './is-host-gone.ts';
import { killUntilGone } from '../processes/kill-until-gone.ts';
import { markIn } from '../processes/mark-in.ts';
import { below, identityOf, lineage, processTable, survivors } from '../processes/process-tree.ts';
import type { ProcessIdentity } from '../processes/process-tree.ts';
import { hostOf, thisHost } from '../processes/session-mark.ts';

/**
 * Ends what hosts have left behind that are gone themselves: the processes of their sessions, with all below them.
 * `self` is never among them, nor what shares a session with it, nor another user's process. Linux only.
 */
export async function reapOrphans(self: number = process.pid): Promise<void> {
  let known: readonly ProcessIdentity[] = [];
  await killUntilGone(async () => {
    known = await survivors([...known, ...(await findOrphans(self))]);
    return known;
  });
}

/** The processes that hosts have left behind that are gone themselves, with all below them. Linux only. */
export async function findOrphans(self: number): Promise<ProcessIdentity[]> {
  const namespace = thisHost()?.namespace;
  if (namespace === undefined) return [];
  const table = await processTable();
  const [kin, ownMark] = [lineage(self, table), await markIn(self)];
  const isOrphaned = remembered(async (mark) => {
    const host = hostOf(mark);
    return host?.namespace === namespace && isHostGone(host);
  });
  const roots = await pick(table, async ({ pid }) => {
    if (kin.has(pid)) return false;
    const mark = await markIn(pid);
    return mark !== undefined && mark !== ownMark && isOrphaned(mark);
  });
  const trees = below(new Set(roots.map(({ pid }) => pid)), table);
  return (await pick(trees, isOwn)).map(identityOf);
}

async function isOwn({ pid }: ProcessIdentity): Promise<boolean> {
  const owner = await stat(`/proc/${pid}`).catch(() => undefined);
  return owner !== undefined && owner.uid === process.getuid?.();
}

async function pick<Item>(
  items: readonly Item[],
  isWanted: (item: Item) => Promise<boolean>,
): Promise<Item[]> {
  const wanted = await Promise.all(items.map(isWanted));
  return items.filter((_, index) => wanted[index]);
}

function remembered<Result>(ask: (key: string) => Promise<Result>): (key: string) => Promise<Result> {
  const answers = new Map<string, Promise<Result>>();
  return (key) => {
    const answer = answers.get(key) ?? ask(key);
    answers.set(key, answer);
    return answer;
  };
}
