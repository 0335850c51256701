import { toPromise } from 'xstate';
import { isEnded } from '../../machines/task-record.ts';
import type { TaskView } from '../../machines/task-types.ts';
import { abortable } from '../abortable.ts';
import type { DrainOptions, DrainSummary, Pool } from '../api.ts';
import { directoryOf } from '../directory-of.ts';
import type { Kept } from '../durable/kept.ts';
import { PoolError } from '../errors.ts';
import { usdOf } from '../money.ts';
import { parseDrain } from '../options/parse-drain.ts';
import type { StoreView } from '../store/port.ts';
import { lifecycleOf } from '../views/pool-status.ts';
import type { FacadeParts } from './facade-parts.ts';
import type { MergeDesk } from './merge-desk.ts';
import type { TaskRegister } from './task-register.ts';

const UNENDED = 'The pool was drained before what you wait for could end.';
const KEPT = 'It is kept in `stateDir`, and goes on when a pool starts there.';

/** The method that ends a pool. */
export function drainDesk(
  parts: FacadeParts,
  { register, merges }: { readonly register: TaskRegister; readonly merges: MergeDesk },
): Pick<Pool, 'drain'> {
  const { actor, archive, book, store, rooms, log, output, waiting, now } = parts;
  const { chains, counts } = directoryOf(actor);
  let drained: Promise<DrainSummary> | undefined;

  function closeDoors({ timeoutMs, pending = 'cancel' }: DrainOptions): void {
    const at = now();
    const end = timeoutMs === undefined ? {} : { until: at + timeoutMs };
    actor.send({ type: 'pool.drain', at, pending, ...end });
  }

  async function afterDrain(): Promise<DrainSummary> {
    await toPromise(actor);
    await parts.sessionsGone();
    const keptWorktrees = await rooms.close(hasFuture);
    await book.flushed().finally(endAll);
    return {
      totalTasks: Object.values(counts).reduce((sum, count) => sum + count, 0),
      completedTasks: counts.completed,
      errorCount: counts.failed,
      cancelledTasks: counts.cancelled,
      pendingReview: counts.pendingReview,
      keptTasks: counts.pending + counts.running,
      totalSpendUsd: usdOf(actor.getSnapshot().context.floor.ledger.spent),
      ...(keptWorktrees.length > 0 && { keptWorktrees }),
    };
  }

  /** Also where the last commit failed: nobody waits for ever. */
  async function endAll(): Promise<void> {
    await store.close();
    waiting.failAll(new PoolError('POOL_CLOSED', archive === undefined ? UNENDED : `${UNENDED} ${KEPT}`));
    log.end();
    output.endAll();
  }

  /** Whether a later pool on the same `stateDir` goes on with the task or chain, or on the slot with what was cut off there. */
  function hasFuture(ownerId: string): boolean {
    if (archive === undefined) return false;
    const { seats } = actor.getSnapshot().context.floor;
    if (seats.some(({ slotId, taskId }) => slotId === ownerId && taskId !== undefined)) return true;
    const task = register.known(ownerId) ?? keptTask(archive, ownerId);
    if (task !== undefined) return !isEnded(task.state);
    const chain = chains.view(ownerId);
    return chain !== undefined && chain.context.endedAt === undefined;
  }

  return {
    async drain({ signal, ...options } = {}) {
      const plan = parseDrain(options, archive !== undefined);
      const isOpen = lifecycleOf(actor.getSnapshot()) !== 'drained';
      const merging = merges.close();
      if (isOpen && merging === undefined) closeDoors(plan);
      else if (isOpen) void merging?.then(() => closeDoors(plan));
      drained ??= afterDrain();
      return abortable(drained, signal);
    },
  };
}

/** Where the store has failed, nothing is read from it: the folder must be freed all the same. */
function keptTask(archive: StoreView<Kept>, taskId: string): TaskView | undefined {
  try {
    return archive.task(taskId)?.data;
  } catch {
    return undefined;
  }
}
