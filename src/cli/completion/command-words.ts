import type { Command, Option } from 'commander';

/** What can follow a command. */
export interface CommandWords {
  /** Its names below the program: none for the program itself. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly OptionWords[];
  /** Values that its arguments can have, where they are known. */
  readonly values: readonly string[];
}

interface OptionWords {
  /** As they are typed: `-e` and `--effort`. */
  readonly names: readonly string[];
  readonly text: string;
  readonly takesValue: boolean;
  readonly values: readonly string[];
}

/** A command and all below it. */
export function commandWords(command: Command, path: readonly string[] = []): readonly CommandWords[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command);
  const own: CommandWords = {
    path,
    summary: command.summary() || command.description(),
    commands: below.map((each) => ({ name: each.name(), summary: each.summary() || each.description() })),
    options: help.visibleOptions(command).map(optionWords),
    values: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  };
  return [own, ...below.flatMap((each) => commandWords(each, [...path, each.name()]))];
}

function optionWords({ short, long, description, required, optional, argChoices = [] }: Option): OptionWords {
  return {
    names: [short, long].filter((name) => name !== undefined && name !== null),
    text: description,
    takesValue: required || optional,
    values: argChoices,
  };
}
