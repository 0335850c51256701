import { toPromise } from 'xstate';
import { isEnded } from '../../machines/task-record.ts';
import { abortable } from '../abortable.ts';
import type { DrainSummary, Pool } from '../api.ts';
import { directoryOf } from '../directory-of.ts';
import { PoolError } from '../errors.ts';
import { usdOf } from '../money.ts';
import { parseTimeout } from '../options.ts';
import { lifecycleOf } from '../views/pool-status.ts';
import type { FacadeParts } from './facade-parts.ts';
import type { MergeDesk } from './merge-desk.ts';
import type { TaskRegister } from './task-register.ts';

/** The method that ends a pool. */
export function drainDesk(
  { actor, archive, book, store, rooms, log, output, waiting, chainsWaiting, now }: FacadeParts,
  { register, merges }: { readonly register: TaskRegister; readonly merges: MergeDesk },
): Pick<Pool, 'drain'> {
  const { chains, counts } = directoryOf(actor);
  let drained: Promise<DrainSummary> | undefined;

  function closeDoors(timeoutMs: number | undefined): void {
    const at = now();
    actor.send({ type: 'pool.drain', at, ...(timeoutMs !== undefined && { until: at + timeoutMs }) });
  }

  async function afterDrain(): Promise<DrainSummary> {
    await toPromise(actor);
    const keptWorktrees = await rooms.close(hasFuture);
    await book.flushed().finally(endAll);
    return {
      totalTasks: counts.completed + counts.failed + counts.cancelled + counts.pendingReview,
      completedTasks: counts.completed,
      errorCount: counts.failed,
      cancelledTasks: counts.cancelled,
      pendingReview: counts.pendingReview,
      totalSpendUsd: usdOf(actor.getSnapshot().context.floor.ledger.spent),
      ...(keptWorktrees.length > 0 && { keptWorktrees }),
    };
  }

  /** Also where the last commit failed: nobody waits for ever. */
  async function endAll(): Promise<void> {
    await store.close();
    waiting.failAll(new PoolError('POOL_CLOSED', 'The pool was drained while the result waited for review.'));
    chainsWaiting.failAll(new PoolError('POOL_CLOSED', 'The pool was drained before the chain could end.'));
    log.end();
    output.endAll();
  }

  /** Whether a later pool on the same `stateDir` goes on with the task or chain. */
  function hasFuture(ownerId: string): boolean {
    if (archive === undefined) return false;
    const task = register.known(ownerId);
    if (task !== undefined) return !isEnded(task.state);
    const chain = chains.view(ownerId);
    return chain !== undefined && chain.context.endedAt === undefined;
  }

  return {
    async drain({ timeoutMs: asked, signal } = {}) {
      const timeoutMs = parseTimeout(asked);
      const isOpen = lifecycleOf(actor.getSnapshot()) !== 'drained';
      const merging = merges.close();
      if (isOpen && merging === undefined) closeDoors(timeoutMs);
      else if (isOpen) void merging?.then(() => closeDoors(timeoutMs));
      drained ??= afterDrain();
      return abortable(drained, signal);
    },
  };
}
