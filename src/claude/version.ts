/** The oldest CLI that speaks all of the protocol. */
export const OLDEST_VERSION = '2.1.197';

/** The version in a text such as `2.1.330 (Claude Code)`. */
export function versionIn(text: string): string | undefined {
  return /\d+\.\d+\.\d+/.exec(text)?.[0];
}

export function isOlder(version: string, than: string): boolean {
  const [found, needed] = [numbersOf(version), numbersOf(than)];
  const index = found.findIndex((number, position) => number !== needed[position]);
  return index !== -1 && (found[index] ?? 0) < (needed[index] ?? 0);
}

function numbersOf(version: string): number[] {
  return version.split('.').map(Number);
}
