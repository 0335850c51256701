import { Command } from 'commander';
import pc from 'picocolors';
import { addDemoCommand } from './demo-command.ts';
import { addMachinesCommand } from './machines-command.ts';
import { addMcpCommand } from './mcp-command.ts';
import { addRunCommand } from './work/run-command.ts';
import { addHistoryCommands } from './history/history-commands.ts';
import { addReviewCommand } from './review/review-command.ts';
import { addSkillCommand } from './skill/skill-command.ts';
import { addStatusCommands } from './ask/status-command.ts';
import { addCancelCommand } from './ask/cancel-command.ts';
import { addContextCommand } from './ask/context-command.ts';
import { addLogsCommand } from './ask/logs-command.ts';
import { addFanOutCommand } from './work/fan-out-command.ts';
import { addChainCommand } from './work/chain-command.ts';
import { addWaitCommand } from './work/wait-command.ts';
import { addServeCommand } from './serve/serve-command.ts';
import { addStopCommand } from './serve/stop-command.ts';
import { addCompletionCommand } from './completion/completion-command.ts';
import { addDoctorCommand } from './setup/doctor-command.ts';
import { addInitCommand } from './setup/init-command.ts';
import { packageVersion } from './package-version.ts';
import { configure } from './settings/configure.ts';
import { addWorktreesCommand } from './worktrees-command.ts';

const EXAMPLES = `
Examples:
  $ claude-pool demo                       try it without an account: four slots, twelve tasks
  $ claude-pool run "explain src/main.ts"  one task with your own claude
  $ claude-pool fan-out prompts.txt        a task for each line, side by side
  $ claude-pool serve --background         a pool that the commands share from now on
  $ claude-pool run --help                 all options and exit codes`;

const GROUPS = {
  'Give work:': [addRunCommand, addFanOutCommand, addChainCommand, addSkillCommand],
  'Keep a pool:': [addServeCommand, addStopCommand, addMcpCommand],
  'Watch and steer it:': [
    addStatusCommands,
    addLogsCommand,
    addWaitCommand,
    addCancelCommand,
    addReviewCommand,
    addContextCommand,
  ],
  'Read its folder:': [addHistoryCommands],
  'Look around:': [addDemoCommand, addMachinesCommand, addWorktreesCommand],
  'Set up:': [addInitCommand, addDoctorCommand, addCompletionCommand],
};

/** The command line `claude-pool`. A usage error is thrown, so that it can have its own exit code. */
export function commandLine(): Command {
  const program = new Command('claude-pool')
    .description('Runs prompts on a pool of warm Claude sessions.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .option('--no-color', 'print no colours (or set NO_COLOR)')
    .addHelpText('after', EXAMPLES)
    .configureHelp({ styleTitle: pc.bold })
    .configureOutput({ outputError: (text, write) => write(pc.red(text)) })
    .exitOverride();
  configure(program);
  for (const [heading, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    for (const addCommand of commands) addCommand(program);
  }
  return program.showHelpAfterError('See: claude-pool --help');
}
