import type { Command } from 'commander';
import { bashScript } from './bash-script.ts';
import { commandWords } from './command-words.ts';
import { fishScript } from './fish-script.ts';

/** What a shell reads to complete the commands of a program. */
export function completionScript(program: Command, shell: 'bash' | 'zsh' | 'fish'): string {
  const words = commandWords(program);
  if (shell === 'fish') return fishScript(program.name(), words);
  const script = bashScript(program.name(), words);
  return shell === 'bash' ? script : `autoload -U +X bashcompinit && bashcompinit\n${script}`;
}
