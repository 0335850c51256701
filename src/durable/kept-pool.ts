import type { SnapshotFrom } from 'xstate';
import type { poolMachine } from '../../machines/pool.ts';
import type { KeptPool } from './kept.ts';

/** The pool's own record, as its actors stand. */
export function keptPoolOf({ context, children }: SnapshotFrom<typeof poolMachine>): KeptPool {
  const { ledger, seats } = context.floor;
  return {
    ledger,
    shared: context.shared,
    slots: seats.map(({ slotId, identity, tasks, spent, reserved, taskId }) => ({
      slotId,
      identity,
      tasks,
      spent,
      reserved,
      taskId,
      inbox: children[slotId as `slot-${number}`]?.getSnapshot().context.inbox ?? [],
    })),
  };
}
