import Table from 'cli-table3';
import pc from 'picocolors';
import type { Summary, SummaryRow } from './summary.ts';

/** The summary as a table for a terminal. */
export function summaryTable({ tasks, totals }: Summary): string {
  const table = new Table({
    head: ['task', 'state', 'slot', 'seconds', 'tokens', 'cost'].map((title) => pc.bold(title)),
    colAligns: ['left', 'left', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  const whole = { task: `${totals.tasks} tasks`, state: `${totals.completed} completed`, slot: '' };
  table.push(...tasks.map(cellsOf), cellsOf({ ...totals, ...whole }).map(pc.bold));
  return table.toString();
}

function cellsOf({
  task,
  state,
  slot = '',
  seconds,
  tokens,
  costUsd,
}: Omit<SummaryRow, 'state'> & { state: string }): string[] {
  const colour = COLOURS[state] ?? String;
  return [
    task,
    colour(state),
    slot,
    seconds.toFixed(1),
    tokens.toLocaleString('en-US'),
    `$${costUsd.toFixed(4)}`,
  ];
}

const COLOURS: Readonly<Record<string, (text: string) => string>> = {
  completed: pc.green,
  failed: pc.red,
  cancelled: pc.yellow,
};
