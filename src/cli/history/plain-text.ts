/** Text of others on one line of a terminal: nothing in it can move the cursor or colour what follows. */
export function oneLine(text: string, width = Infinity): string {
  const plain = text.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
  return plain.length <= width ? plain : `${plain.slice(0, width - 1)}…`;
}

/** The same with its lines kept. */
export function manyLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.replaceAll(/[^\P{C}\t]/gu, ' '))
    .join('\n');
}

export function money(usd: number): string {
  return `$${usd.toFixed(4)}`;
}

/** As ISO, in UTC. */
export function moment(at: number | undefined): string {
  return at === undefined ? '' : new Date(at).toISOString();
}
