import { Option } from 'commander';
import type { Command } from 'commander';
import { addAskFlags } from '../ask/ask-flags.ts';
import type { AskFlags } from '../ask/ask-flags.ts';
import { portNumber, positiveNumber } from '../flags.ts';

export interface TasksFlags extends AskFlags {
  readonly state?: (typeof STATES)[number];
  readonly tag?: string;
  readonly limit: number;
}

export interface EventsFlags extends AskFlags {
  readonly from: number;
  readonly limit?: number;
  readonly task?: string;
  readonly follow?: boolean;
}

export interface InspectFlags extends AskFlags {
  readonly port?: number;
  readonly until?: number;
}

const STATES = ['pending', 'running', 'pendingReview', 'completed', 'failed', 'cancelled'] as const;

const EXIT_CODES = `
A pool may work on the folder meanwhile; nothing in it is changed.

Exit codes: 0 printed · 1 no such task, or no pool in the folder · 2 wrong usage · 130 Ctrl-C · 143 SIGTERM`;

/** Adds the commands that read the `stateDir` of a pool. */
export function addHistoryCommands(program: Command): void {
  addTasks(program);
  addShow(program);
  addEvents(program);
  addCost(program);
  addInspect(program);
}

function addTasks(program: Command): void {
  reading(program, 'tasks')
    .summary('list the tasks of a pool')
    .description('Lists the tasks that a pool keeps: first those that wait or run, then the last that ended.')
    .addOption(new Option('--state <state>', 'tasks in this state').choices(STATES))
    .option('--tag <tag>', 'tasks with this tag')
    .option('--limit <count>', 'as many at most', positiveNumber, 50)
    .addHelpText(
      'after',
      `
Examples:
  $ claude-pool tasks --state-dir .pool
  $ claude-pool tasks --state-dir .pool --state failed --json | jq -r '.data.tasks[].id'
${EXIT_CODES}`,
    )
    .action(async (flags: TasksFlags) => {
      const { printTasks } = await import('./print-tasks.ts');
      process.exitCode = await printTasks(flags);
    });
}

function addShow(program: Command): void {
  reading(program, 'show')
    .summary('show a task, its result and its events')
    .description('Shows a task with its prompt, its result or error, and what happened to it.')
    .argument('<id>', 'id of the task')
    .addHelpText(
      'after',
      `
Examples:
  $ claude-pool show task-0f3c… --state-dir .pool
  $ claude-pool show task-0f3c… --state-dir .pool --json | jq -r .data.task.result.output
${EXIT_CODES}`,
    )
    .action(async (taskId: string, flags: AskFlags) => {
      const { printTask } = await import('./print-task.ts');
      process.exitCode = await printTask(taskId, flags);
    });
}

function addEvents(program: Command): void {
  reading(program, 'events')
    .summary('print what happened in a pool')
    .description('Prints the events of a pool in their order. With --json each is one line of JSON.')
    .option('--from <number>', 'the first event', positiveNumber, 1)
    .option('--task <id>', 'events of one task')
    .option('--limit <count>', 'as many at most (default: 1000, without --follow)', positiveNumber)
    .option('--follow', 'go on with what happens from now on, until Ctrl-C')
    .addHelpText(
      'after',
      `
Examples:
  $ claude-pool events --state-dir .pool --from 120
  $ claude-pool events --state-dir .pool --follow --json | jq -c 'select(.type == "task.failed")'
${EXIT_CODES}`,
    )
    .action(async (flags: EventsFlags) => {
      const { printEvents } = await import('./print-events.ts');
      process.exitCode = await printEvents(flags);
    });
}

function addCost(program: Command): void {
  reading(program, 'cost')
    .summary('tell what a pool has spent')
    .description('Tells what a pool has spent, by slot, and how much of it is an estimate.')
    .addHelpText(
      'after',
      `
Examples:
  $ claude-pool cost --state-dir .pool
  $ claude-pool cost --state-dir .pool --json | jq .data.spendUsd
${EXIT_CODES}`,
    )
    .action(async (flags: AskFlags) => {
      const { printCost } = await import('./print-cost.ts');
      process.exitCode = await printCost(flags);
    });
}

function addInspect(program: Command): void {
  reading(program, 'inspect')
    .summary('see a past run, and step back through it')
    .description('Serves a page on 127.0.0.1 that shows what happened in a pool, until Ctrl-C.')
    .option('--port <number>', 'port of the page (default: any that is free)', portNumber)
    .option(
      '--until <number>',
      'the last event to show (default: what there is, and what comes)',
      positiveNumber,
    )
    .addHelpText(
      'after',
      `
The page holds the last 10,000 events and more; with --until the 10,000 before that one.

Examples:
  $ claude-pool inspect --state-dir .pool
  $ claude-pool inspect --state-dir .pool --until 120000 --port 7700
${EXIT_CODES}`,
    )
    .action(async (flags: InspectFlags) => {
      const { inspectHistory } = await import('./inspect-history.ts');
      process.exitCode = await inspectHistory(flags);
    });
}

function reading(program: Command, name: string): Command {
  return addAskFlags(program.command(name)).showHelpAfterError(`See: claude-pool ${name} --help`);
}
