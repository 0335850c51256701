import type { CommandWords } from './command-words.ts';

/** For bash 3 and newer, without any helper of a distribution; what has no known values is completed as a file. */
export function bashScript(program: string, commands: readonly CommandWords[]): string {
  const name = `_${program.replaceAll('-', '_')}`;
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path));
  return `${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command \${COMP_WORDS[i]}" in
      ${paths.join(' | ')}) command="$command \${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$command $before" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$command" in
${commands.map(wordCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F ${name} ${program}
`;
}

function valueCases({ path, options }: CommandWords): readonly string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map(({ names, values }) => {
      const reply =
        values.length === 0 ? '' : ` COMPREPLY=($(compgen -W '${values.join(' ')}' -- "$current"));`;
      return `    ${names.map((name) => quoted([...path, name])).join(' | ')})${reply} return ;;`;
    });
}

function wordCase({ path, commands, options, values }: CommandWords): string {
  const words = [...commands.map(({ name }) => name), ...values, ...options.flatMap(({ names }) => names)];
  return `    ${quoted(path)}) words='${words.join(' ')}' ;;`;
}

/** Every name has a space before it. */
function quoted(path: readonly string[]): string {
  return `'${path.map((name) => ` ${name}`).join('')}'`;
}
