import { openHistory, PoolError } from '../../index.ts';
import type { Abortable, History } from '../../index.ts';
import type { Settled } from '../desk/desk.ts';
import { endOfChain, endOfTask } from '../desk/settled.ts';

/** How all of them ended, as their pool has kept it. Undefined where one goes on, or nothing is kept. */
export async function keptEnds(
  ids: readonly string[],
  { stateDir }: { readonly stateDir: string },
  signal: AbortSignal,
): Promise<readonly Settled[] | undefined> {
  const opened = await openHistory({ stateDir }).catch((error: unknown) => {
    if (error instanceof PoolError && error.code === 'STORE') return undefined;
    throw error;
  });
  if (opened === undefined) return undefined;
  await using history = opened;
  const ends: Settled[] = [];
  for (const id of ids) {
    const end = await endOf(history, id, { signal });
    if (end === undefined) return undefined;
    ends.push(end);
  }
  return ends;
}

async function endOf(history: History, id: string, heeding: Abortable): Promise<Settled | undefined> {
  try {
    return endOfTask(await history.task(id, heeding));
  } catch (error) {
    if (!(error instanceof PoolError) || error.code !== 'TASK_NOT_FOUND') throw error;
    const chain = await history.chain(id, heeding).catch(() => {
      throw error;
    });
    return endOfChain(chain);
  }
}
