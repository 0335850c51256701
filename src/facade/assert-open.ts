import type { SnapshotFrom } from 'xstate';
import type { poolMachine } from '../../machines/pool.ts';
import { PoolError } from '../errors.ts';
import { usdOf } from '../money.ts';
import { budgetOf, lifecycleOf } from '../views/pool-status.ts';

/** Throws `POOL_CLOSED` when the pool takes nothing more. */
export function assertOpen(snapshot: SnapshotFrom<typeof poolMachine>): void {
  const state = lifecycleOf(snapshot);
  if (state !== 'draining' && state !== 'drained') return;
  throw new PoolError('POOL_CLOSED', `Expected an open pool, got one that is ${state}. Create a new pool.`);
}

/** Throws `POOL_CLOSED` or `BUDGET_EXCEEDED` when the pool starts nothing more. */
export function assertStarts(snapshot: SnapshotFrom<typeof poolMachine>): void {
  assertOpen(snapshot);
  if (budgetOf(snapshot) === 'within') return;
  const spent = usdOf(snapshot.context.floor.ledger.spent);
  throw new PoolError('BUDGET_EXCEEDED', `The pool has spent its budget: $${spent}. Raise \`budgetUsd\`.`);
}

/** Throws `POOL_CLOSED` when the pool has ended: its tasks stay as they are. */
export function assertAlive(snapshot: SnapshotFrom<typeof poolMachine>): void {
  if (lifecycleOf(snapshot) !== 'drained') return;
  const message = 'Expected a pool that still runs, got one that is drained: its tasks stay as they are.';
  throw new PoolError('POOL_CLOSED', message);
}
