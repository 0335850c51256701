import type { Command } from 'commander';
import type { ClaudeFlags } from '../claude-flags.ts';
import { inspectOption } from '../inspect-option.ts';
import type { InspectFlag } from '../inspection.ts';
import type { FleetFlags } from '../pool-flags.ts';
import { stateDirOption } from '../settings/state-dir-option.ts';

/** The flags of all commands that give a pool work. */
export interface WorkFlags extends ClaudeFlags, FleetFlags {
  readonly stateDir: string;
  readonly detach?: boolean;
  readonly private?: boolean;
  readonly inspect?: InspectFlag;
  readonly json?: boolean;
}

/** Adds them to a command. */
export function addWorkFlags(command: Command): Command {
  return command
    .addOption(stateDirOption())
    .option('-d, --detach', 'give it to the pool that runs, print its id, and do not wait')
    .option('--private', 'use a pool of its own, also where one runs')
    .addOption(inspectOption())
    .option('--json', 'print JSON, and nothing else')
    .addHelpText('after', NOTES);
}

const NOTES = `
The work goes to the pool that \`claude-pool serve\` runs on the state folder. Where none runs, or with --private,
--claude, --cwd or --inspect, it is done by a pool of its own, which ends with the command. How many slots and which
skills a pool has, flags can say of one of its own only.

Ctrl-C leaves the work to a pool that runs, and prints how to come back; pressed again, it cancels the work.
In a pool of its own Ctrl-C cancels, and pressed again exits at once.

Exit codes:
  0  all succeeded                   69  claude is missing, too old, or not logged in; no pool answers
  1  a task failed                   75  a usage limit holds, or the time to wait is over; try later
  2  wrong usage                    129  the terminal closed (SIGHUP)
  3  it was cancelled               130  Ctrl-C (SIGINT)
  4  the budget is spent            141  the reader of stdout left
  5  a result waits for review      143  SIGTERM`;
