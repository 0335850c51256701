/** Tools as a list, from text that separates them by commas or spaces. `Bash(git add *)` and `Bash(f (x))` are one tool each. */
export function toolList(text: string): readonly string[] {
  return text.match(/(?:[^\s,()]|\((?:[^()]|\([^()]*\))*\))+/g) ?? [];
}
