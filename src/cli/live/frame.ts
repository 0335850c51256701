import cliTruncate from 'cli-truncate';
import pc from 'picocolors';
import type { PoolStatus, SlotStatus } from '../../index.ts';
import type { RunningTask, View } from '../desk/desk.ts';
import { money, moment, oneLine } from '../history/plain-text.ts';
import { coloured } from '../history/state-colour.ts';

/** What a frame is drawn for. */
export interface Screen {
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
}

const WIDEST_TITLE = 28;
const NARROWEST_TITLE = 6;
/** All columns of a slot but its title and its words. */
const FACTS_WIDTH = 'slot-000 recovering 000000s $0.0000  '.length;

/** The live picture: one line a slot, then the counts and the spend, no line wider than the screen. */
export function frame({ status, running }: View, { now, columns, rows }: Screen): string {
  const room = Math.max(1, rows - 6);
  const shown = status.slots.toSorted((one, other) => rank(one) - rank(other)).slice(0, room);
  const hidden = status.slots.length - shown.length;
  const lines = status.slots
    .filter((slot) => shown.includes(slot))
    .map((slot) => slotLine(slot, { task: running[slot.taskId ?? ''], now, columns }));
  const more = hidden > 0 ? [pc.dim(`… and ${hidden} more slots`)] : [];
  return [headOf(columns), ...lines, ...more, '', ...totalsOf(status)]
    .map((line) => cliTruncate(line, Math.max(1, columns - 1)))
    .join('\n');
}

/** It stays as it is: what is drawn anew begins below it. */
function headOf(columns: number): string {
  return pc.bold(`slot     state      ${'task'.padEnd(titleWidth(columns))} seconds cost`);
}

function titleWidth(columns: number): number {
  const half = Math.floor((columns - FACTS_WIDTH) / 2);
  return Math.min(WIDEST_TITLE, Math.max(NARROWEST_TITLE, half));
}

/** Where there is no room for all, those at work come first. */
function rank({ taskId }: SlotStatus): number {
  return taskId === undefined ? 1 : 0;
}

function slotLine(
  { id, name, state, reason = '' }: SlotStatus,
  {
    task,
    now,
    columns,
  }: { readonly task: RunningTask | undefined; readonly now: number; readonly columns: number },
): string {
  const named = oneLine(name ?? id, 8).padEnd(8);
  const head = `${named} ${coloured(state)}${' '.repeat(Math.max(0, 10 - state.length))}`;
  if (task === undefined) return `${head} ${pc.dim(oneLine(reason))}`.trimEnd();
  const { title, startedAt = now, spendUsd, words } = task;
  const wide = titleWidth(columns);
  const seconds = `${Math.max(0, (now - startedAt) / 1000).toFixed(1)}s`.padStart(7);
  const facts = `${oneLine(title, wide).padEnd(wide)} ${seconds} ${money(spendUsd)}`;
  const left = columns - 1 - `${named} ${state.padEnd(10)} ${facts}  `.length;
  if (left < NARROWEST_TITLE || words === '') return `${head} ${facts}`;
  return `${head} ${facts}  ${pc.dim(cliTruncate(oneLine(words), left, { position: 'start' }))}`;
}

function totalsOf(status: PoolStatus): readonly string[] {
  const { pendingTasks, activeTasks, pendingReview, completedTasks, failedTasks, cancelledTasks } = status;
  const { spendUsd, budgetUsd, limit, state } = status;
  const lost = failedTasks + cancelledTasks;
  const counts = [
    ...(state === 'open' ? [] : [state]),
    `${pendingTasks} waiting`,
    `${activeTasks} running`,
    ...(pendingReview === 0 ? [] : [`${pendingReview} for review`]),
    `${completedTasks} completed`,
    ...(lost === 0 ? [] : [`${lost} failed or cancelled`]),
    `${money(spendUsd)} spent${budgetUsd === undefined ? '' : ` of ${money(budgetUsd)}`}`,
  ];
  const held = `parked${limit.until === undefined ? '' : ` until ${moment(limit.until)}`}: ${oneLine(limit.reason ?? '')}`;
  return [pc.dim(counts.join(' · ')), ...(limit.state === 'clear' ? [] : [pc.yellow(held)])];
}
