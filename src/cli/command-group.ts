import type { Command } from 'commander';

export interface GroupWords {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** Examples and exit codes, for the help of the group and of each of its commands. */
  readonly notes: string;
}

/** A command that has commands of its own. */
export function commandGroup(program: Command, { name, summary, description, notes }: GroupWords): Command {
  return program
    .command(name)
    .summary(summary)
    .description(description)
    .helpCommand(false)
    .showHelpAfterError(`See: claude-pool ${name} --help`)
    .addHelpText('afterAll', notes);
}
