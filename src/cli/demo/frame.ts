import pc from 'picocolors';
import type { PoolStatus, SlotStatus, TaskInfo } from '../../index.ts';

export interface FrameParts {
  readonly status: PoolStatus;
  /** The task of a slot that has one. */
  readonly taskOf: (taskId: string) => TaskInfo;
  readonly wordsOf: (taskId: string) => string;
  readonly now: number;
  /** Columns of the terminal. */
  readonly width: number;
}

/** The live picture: one line a slot, then the counts and the spend. */
export function frame({ status, ...parts }: FrameParts): string {
  const slots = status.slots.map((slot) => slotLine(slot, parts));
  return [...slots, '', pc.dim(totalsLine(status))].join('\n');
}

function slotLine(slot: SlotStatus, { taskOf, wordsOf, now, width }: Omit<FrameParts, 'status'>): string {
  const name = slot.id.padEnd(8);
  const state = slot.state.padEnd(10);
  if (slot.taskId === undefined) return `${name} ${pc.dim(state)}`;
  const { tags, startedAt = now } = taskOf(slot.taskId);
  const seconds = `${((now - startedAt) / 1000).toFixed(1)}s`.padStart(6);
  const task = `${(tags[0] ?? '').padEnd(20)} ${seconds}`;
  const taken = [name, state, task].join(' ').length;
  return `${name} ${pc.green(state)} ${task}  ${pc.dim(ending(wordsOf(slot.taskId), width - taken - 3))}`;
}

/** The end of a text, in so many columns. */
function ending(text: string, columns: number): string {
  if (text.length <= columns) return text;
  return columns < 2 ? '' : `…${text.slice(1 - columns)}`;
}

function totalsLine(status: PoolStatus): string {
  const { pendingTasks, activeTasks, completedTasks, failedTasks, cancelledTasks, spendUsd } = status;
  const lost = failedTasks + cancelledTasks;
  const counts = [
    `${pendingTasks} waiting`,
    `${activeTasks} running`,
    `${completedTasks} completed`,
    ...(lost === 0 ? [] : [`${lost} failed or cancelled`]),
    `$${spendUsd.toFixed(4)} simulated spend`,
  ];
  return counts.join(' · ');
}
