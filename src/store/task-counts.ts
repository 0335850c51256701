import { z } from 'zod';
import type { Connection } from './connection.ts';
import type { SavedTaskState } from './port.ts';

export type TaskCounts = Record<SavedTaskState, number>;

const countRow = z.object({
  state: z.enum(['pending', 'running', 'pendingReview', 'completed', 'failed', 'cancelled']),
  count: z.number(),
});

export function noTasks(): TaskCounts {
  return { pending: 0, running: 0, pendingReview: 0, completed: 0, failed: 0, cancelled: 0 };
}

/** Two questions, each of which an index answers alone. */
export function countTasks(connection: Connection): TaskCounts {
  const rows = ['ended IS NULL', 'ended IS NOT NULL'].flatMap((part) =>
    connection.rows(`SELECT state, count(*) AS count FROM tasks WHERE ${part} GROUP BY state`),
  );
  const counts = rows.flatMap((row) => {
    const { success, data } = countRow.safeParse(row);
    return success ? [[data.state, data.count]] : [];
  });
  return { ...noTasks(), ...Object.fromEntries(counts) };
}
