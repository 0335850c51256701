import type { KeptPool } from '../durable/kept.ts';
import { usdOf } from '../money.ts';

/** What a pool has spent, in US dollars. */
export interface PoolCost {
  readonly spendUsd: number;
  /** The part of `spendUsd` that is an estimate. */
  readonly estimatedUsd: number;
  /** What is set aside for attempts that run. */
  readonly reservedUsd: number;
  readonly budgetUsd?: number;
  /** Attempts that were paid for. */
  readonly attempts: number;
  readonly slots: readonly SlotCost[];
}

/** What a slot has spent in its life, in US dollars. */
export interface SlotCost {
  readonly id: string;
  readonly name?: string;
  readonly role?: string;
  readonly spendUsd: number;
  /** Attempts that it has run. */
  readonly attempts: number;
}

export function costOf(pool: KeptPool | undefined): PoolCost {
  const { ledger, slots } = pool ?? NOTHING;
  const { spent, estimated, reserved, limit, settled } = ledger;
  return {
    spendUsd: usdOf(spent),
    estimatedUsd: usdOf(estimated),
    reservedUsd: usdOf(reserved),
    ...(limit !== undefined && { budgetUsd: usdOf(limit) }),
    attempts: settled,
    slots: slots.map(({ slotId: id, identity: { name, role }, spent: spend, tasks }) => ({
      id,
      ...(name !== undefined && { name }),
      ...(role !== undefined && { role }),
      spendUsd: usdOf(spend),
      attempts: tasks,
    })),
  };
}

const NOTHING: Pick<KeptPool, 'ledger' | 'slots'> = {
  ledger: { spent: 0, reserved: 0, settled: 0, estimated: 0 },
  slots: [],
};
