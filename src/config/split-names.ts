/** Names that are separated by commas or spaces, but not inside of parentheses: `Read,Bash(git log:*)`. */
export function splitNames(text: string): readonly string[] {
  let depth = 0;
  let separated = '';
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    separated += depth <= 0 && /[\s,]/.test(character) ? '\n' : character;
  }
  return separated.split('\n').filter((name) => name !== '');
}
