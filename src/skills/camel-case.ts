/** `max_turns` and `max-turns` are `maxTurns`. */
export function camelCase(words: string): string {
  return words.replaceAll(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase());
}
