import { isOver } from '../machines/chain-shelf.ts';
import type { ChainView } from '../machines/chain-shelf.ts';
import { isEnded } from '../machines/task-record.ts';
import type { TaskView } from '../machines/task-types.ts';
import type { StoreBatch } from './ports.ts';
import { waiters } from './waiters.ts';
import type { Waiters } from './waiters.ts';

export interface WaitingRoom {
  readonly tasks: Waiters<TaskView>;
  readonly chains: Waiters<ChainView>;
  /** Takes what has just become durable. */
  readonly settle: (batch: Pick<StoreBatch, 'tasks' | 'chains'>) => void;
  /** Nothing will end any more. */
  readonly failAll: (error: unknown) => void;
}

/** Who waits for tasks and chains of a pool to end. */
export function waitingRoom(): WaitingRoom {
  const tasks = waiters<TaskView>({ noun: 'task', hasEnded: ({ state }) => isEnded(state) });
  const chains = waiters<ChainView>({ noun: 'chain', hasEnded: ({ state }) => isOver(state) });
  return {
    tasks,
    chains,
    settle(batch) {
      tasks.settle(batch.tasks);
      chains.settle(batch.chains);
    },
    failAll(error) {
      tasks.failAll(error);
      chains.failAll(error);
    },
  };
}
