import pc from 'picocolors';
import type { TaskInfo } from '../../index.ts';
import { printData } from '../envelope.ts';
import { eventLine } from './event-line.ts';
import type { AskFlags } from '../ask/ask-flags.ts';
import { manyLines, moment, money, oneLine } from './plain-text.ts';
import { readHistory } from './read-history.ts';
import { coloured } from './state-colour.ts';
import { taskJson } from './task-json.ts';

/** `claude-pool show`. */
export function printTask(taskId: string, flags: AskFlags): Promise<number> {
  return readHistory(flags, async (history, signal) => {
    const task = await history.task(taskId, { signal });
    const events = await history.events({ task: taskId, signal });
    if (flags.json === true) {
      printData({ task: taskJson(task), events });
      return;
    }
    const parts = [
      ...factsOf(task).map(([name, value]) => `${pc.bold(name.padEnd(9))} ${value}`),
      '',
      pc.bold('prompt'),
      manyLines(task.prompt),
      ...(task.result === undefined ? [] : ['', pc.bold('output'), manyLines(task.result.output)]),
      '',
      pc.bold('events'),
      ...events.map(eventLine),
    ];
    process.stdout.write(`${parts.join('\n')}\n`);
  });
}

function factsOf(task: TaskInfo): readonly (readonly [string, string])[] {
  const { id, state, wait, attempts, spendUsd, slotId = '', tags, submittedAt, endedAt, until } = task;
  const reason = task.error?.message ?? task.reason ?? '';
  const facts = [
    ['task', id],
    ['state', wait === undefined ? coloured(state) : `${state} (${wait})`],
    ['slot', slotId],
    ['attempts', String(attempts)],
    ['cost', money(spendUsd)],
    ['tags', tags.map((tag) => oneLine(tag)).join(', ')],
    ['submitted', moment(submittedAt)],
    ['ended', moment(endedAt)],
    ['until', moment(until)],
    ['reason', oneLine(reason)],
  ] as const;
  return facts.filter(([, value]) => value !== '');
}
