import { Argument } from 'commander';
import type { Command } from 'commander';

const NOTES = `
Examples:
  $ source <(claude-pool completion bash)        in ~/.bashrc
  $ source <(claude-pool completion zsh)         in ~/.zshrc, after compinit
  $ claude-pool completion fish | source         in ~/.config/fish/config.fish

The script knows the commands of this version: it asks nothing while you type.

Exit codes: 0 printed · 2 wrong usage`;

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .summary('print what a shell needs to complete commands and options')
    .description('Prints a script that lets a shell complete commands, options and their values.')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .showHelpAfterError('See: claude-pool completion --help')
    .addHelpText('after', NOTES)
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completionScript } = await import('./completion-script.ts');
      process.stdout.write(completionScript(program, shell));
    });
}
