import type { CommandWords } from './command-words.ts';

export function fishScript(program: string, commands: readonly CommandWords[]): string {
  const lines = commands.flatMap((command) =>
    linesOf(command).map((line) => `complete -c ${program} ${line}`),
  );
  return `${[`complete -c ${program} -e`, ...lines].join('\n')}\n`;
}

function linesOf({ path, commands, options, values }: CommandWords): readonly string[] {
  const within = path.map((name) => `__fish_seen_subcommand_from ${name}`);
  const below = commands.map(({ name }) => name).join(' ');
  const isNext = below === '' ? within : [...within, `not __fish_seen_subcommand_from ${below}`];
  const here = isNext.length === 0 ? '' : `-n ${quoted(isNext.join('; and '))} `;
  return [
    ...commands.map(({ name, summary }) => `${here}-f -a ${name} -d ${quoted(summary)}`),
    ...(values.length === 0 ? [] : [`${here}-f -a ${quoted(values.join(' '))}`]),
    ...options.map(({ names, text, takesValue, values: known }) => {
      const flags = names.map((name) =>
        name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
      );
      const value = known.length > 0 ? ` -x -a ${quoted(known.join(' '))}` : '';
      const parts = [...flags, ...(takesValue && value === '' ? ['-r'] : [])].join(' ');
      return `${here}${parts}${value} -d ${quoted(text)}`;
    }),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
}
