import type { WatchedEvent } from './watched-pool.ts';

/** What a pool's events have told so far. */
export interface EventHistory {
  /** What is wrong with the event, after those before it. */
  add(event: WatchedEvent): readonly string[];
  /** What all tasks have spent, in micro-dollars. */
  spent(): number;
  spendOf(taskId: string): number | undefined;
  /** How the task ended, if it did. */
  endOf(taskId: string): End | undefined;
  /** How many tasks ended so. */
  ended(end: End): number;
  /** How many events there were. */
  count(): number;
}

export type End = 'completed' | 'failed' | 'cancelled';

/** Keeps of a task what later events must not contradict. */
export function eventHistory(): EventHistory {
  const spends = new Map<string, number>();
  const ends = new Map<string, End>();
  const endings: Record<End, number> = { completed: 0, failed: 0, cancelled: 0 };
  let seq: number | undefined;
  let total = 0;
  let count = 0;

  function addTask(taskId: string, name: string, spend: number): readonly string[] {
    const broken: string[] = [];
    const before = spends.get(taskId) ?? 0;
    if (spend < before) broken.push(`4: the spend of ${taskId} went from ${before} to ${spend}`);
    const end = ends.get(taskId);
    if (end !== undefined) broken.push(`7: task ${taskId} had ${end}, then came ${name}`);
    total += spend - before;
    spends.set(taskId, spend);
    if (isEnd(name)) {
      ends.set(taskId, name);
      endings[name] += 1;
    }
    return broken;
  }

  return {
    add(event) {
      const isGap = seq !== undefined && event.seq !== seq + 1;
      const gap = isGap ? [`events: ${event.seq} came after ${seq}`] : [];
      seq = event.seq;
      count += 1;
      const { taskId, spendUsd, type } = event;
      if (taskId === undefined || spendUsd === undefined) return gap;
      return [...gap, ...addTask(taskId, type.slice(5), Math.round(spendUsd * 1e6))];
    },
    spent: () => total,
    spendOf: (taskId) => spends.get(taskId),
    endOf: (taskId) => ends.get(taskId),
    ended: (end) => endings[end],
    count: () => count,
  };
}

function isEnd(name: string): name is End {
  return name === 'completed' || name === 'failed' || name === 'cancelled';
}
