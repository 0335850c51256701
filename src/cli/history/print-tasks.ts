import Table from 'cli-table3';
import pc from 'picocolors';
import type { StoreProblem, TaskInfo } from '../../index.ts';
import { printData } from '../envelope.ts';
import type { TasksFlags } from './history-commands.ts';
import { money, oneLine } from './plain-text.ts';
import { readHistory } from './read-history.ts';
import { coloured } from './state-colour.ts';
import { taskJson } from './task-json.ts';

const PROMPT_WIDTH = 48;
const REASON_WIDTH = 120;

/** `claude-pool tasks`. */
export function printTasks(flags: TasksFlags): Promise<number> {
  const { state, tag, limit, json } = flags;
  return readHistory(flags, async (history, signal) => {
    const filter = { limit, ...(state && { state }), ...(tag !== undefined && { tag }) };
    const tasks = await history.tasks({ ...filter, signal });
    const problems = await history.problems({ signal });
    if (json === true) return printData({ tasks: tasks.map(taskJson), problems });
    process.stdout.write(tasks.length === 0 ? 'No tasks.\n' : `${tableOf(tasks)}\n`);
    for (const problem of problems) process.stderr.write(`${toldOf(problem)}\n`);
  });
}

function toldOf({ kind, key, reason }: StoreProblem): string {
  return `The record of ${kind} ${key} cannot be read and is set aside: ${oneLine(reason, REASON_WIDTH)}`;
}

function tableOf(tasks: readonly TaskInfo[]): string {
  const table = new Table({
    head: ['id', 'state', 'slot', 'attempts', 'cost', 'prompt'].map((title) => pc.bold(title)),
    colAligns: ['left', 'left', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  table.push(
    ...tasks.map(({ id, state, wait, slotId = '', attempts, spendUsd, prompt }) => [
      id,
      wait === undefined || wait === 'ready' ? coloured(state) : wait,
      slotId,
      String(attempts),
      money(spendUsd),
      oneLine(prompt, PROMPT_WIDTH),
    ]),
  );
  return table.toString();
}
