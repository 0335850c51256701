import type { Command } from 'commander';

export interface DoctorFlags {
  readonly cwd: string;
  readonly fix?: boolean;
  readonly json?: boolean;
}

const NOTES = `
It looks at Node, Claude and its login, git, memory for the slots that are configured, the configuration, the state
folder, and at processes and worktrees that dead pools have left. It reads no secret; Claude is started once and asked
nothing that is billed.

Examples:
  $ claude-pool doctor
  $ claude-pool doctor --fix                end what dead pools have left; work in worktrees is saved first
  $ claude-pool doctor --json | jq '.data.diagnoses[] | select(.status != "ok")'

Exit codes: 0 nothing stands in the way of a pool · 1 something does · 2 wrong usage · 130 Ctrl-C · 143 SIGTERM`;

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('look whether all is well, and say what to do')
    .description('Looks at all that a pool rests on, and says what to do about what is wrong.')
    .option('--cwd <folder>', 'where Claude would work', '.')
    .option('--fix', 'do what can be done without a loss')
    .option('--json', 'print JSON, and nothing else')
    .showHelpAfterError('See: claude-pool doctor --help')
    .addHelpText('after', NOTES)
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('./doctor.ts');
      process.exitCode = await doctor(flags);
    });
}
