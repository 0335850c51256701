import type { Command } from 'commander';

/** The command of a group that is meant when none is named. It takes no arguments: a word there is a name mistyped. */
export function defaultCommand(group: Command, name: string): Command {
  const command = group.command(name, { isDefault: true }).allowExcessArguments();
  return command.hook('preAction', () => {
    const [word] = command.args;
    if (word === undefined) return;
    const names = group.commands.map((other) => `\`${other.name()}\``);
    const last = names.pop() ?? '';
    command.error(`error: expected ${names.join(', ')} or ${last}, got \`${word}\``);
  });
}
