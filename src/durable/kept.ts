import type { Ledger } from '../../machines/budget.ts';
import type { ChainRecord, ChainView } from '../../machines/chain-shelf.ts';
import type { RestoredWork } from '../../machines/directory-types.ts';
import type { TaskView } from '../../machines/task-types.ts';
import type { Limit, RestoredSlot } from '../../machines/pool-types.ts';
import type { Micros } from '../../machines/types.ts';
import type { PoolEvent } from '../events.ts';

/** What a pool keeps in its store. */
export interface Kept {
  readonly task: KeptTask;
  readonly chain: KeptChain;
  readonly pool: KeptPool;
  readonly event: PoolEvent;
}

export interface KeptTask extends TaskView {
  /** Where the attempt that runs has been sent. */
  readonly trace?: AttemptTrail;
}

/** What is known of an attempt before its prompt is sent. */
export interface AttemptTrail {
  readonly generation: number;
  readonly sessionId?: string | undefined;
  readonly cwd?: string | undefined;
  readonly prompt: string;
  readonly startedAt: number;
}

/** `record` is there until the chain has ended. */
export interface KeptChain {
  readonly view: ChainView;
  readonly record?: ChainRecord;
}

export interface KeptPool {
  readonly ledger: Ledger;
  readonly shared: Readonly<Record<string, string>>;
  /** Why and until when the pool was parked. */
  readonly limit?: Limit | undefined;
  readonly slots: readonly KeptSlot[];
  /** All that ever ended, also what is kept no longer. */
  readonly counts: Pick<RestoredWork['counts'], 'completed' | 'failed' | 'cancelled'>;
}

export interface KeptSlot extends RestoredSlot {
  /** What is set aside for the task that runs on it. */
  readonly taskId?: string | undefined;
  readonly reserved: Micros;
}
