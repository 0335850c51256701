import type { Command } from 'commander';
import { positiveNumber } from './flags.ts';
import { inspectOption } from './inspect-option.ts';
import type { InspectFlag } from './inspection.ts';
import type { Configured } from './settings/configure.ts';
import { settingOption } from './settings/with-settings.ts';

/** The flags of `demo`, as they were parsed. */
export interface DemoFlags extends Configured {
  readonly tasks: number;
  readonly fake?: boolean;
  readonly json?: boolean;
  readonly inspect?: InspectFlag;
}

const NOTES = `
No account is needed and nothing is billed: the model's answers are simulated by a server on this
machine. Behind it runs the real Claude CLI where the development dependencies are installed, and
a stand-in that speaks its protocol elsewhere. Nothing is left behind.

Examples:
  $ claude-pool demo
  $ claude-pool demo --slots 2 --tasks 6
  $ claude-pool demo --inspect --tasks 48
  $ claude-pool demo --json | jq .data.totals

With --inspect the tasks start when the page is opened, or after a minute.

Exit codes: 0 all tasks completed · 1 one failed · 2 wrong usage · 130 Ctrl-C · 143 SIGTERM`;

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .summary('try a pool without an account')
    .description('Runs twelve tasks on four slots before a simulated model, and shows how.')
    .addOption(settingOption('slots', 'sessions side by side (default: 4)'))
    .option('--tasks <count>', 'tasks of the fan-out', positiveNumber, 12)
    .option('--fake', 'use the stand-in also where the real Claude CLI is installed')
    .addOption(inspectOption())
    .option('--json', 'print the summary as JSON, and nothing else')
    .showHelpAfterError('See: claude-pool demo --help')
    .addHelpText('after', NOTES)
    .action(async (flags: DemoFlags) => {
      const { demo } = await import('./demo/demo.ts');
      process.exitCode = await demo(flags);
    });
}
