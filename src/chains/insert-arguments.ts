import { parseTemplate } from '../../machines/template.ts';
import type { Template } from '../../machines/template.ts';

/** The text of each argument, by name. */
export type ArgumentTexts = ReadonlyMap<string, string>;

const PLACE = /\{([A-Za-z_][\w-]*)\}/;

/** Arguments become literal text before references are looked for: nothing in them is ever expanded. */
export function insertArguments(text: string, args: ArgumentTexts): Template {
  const pieces: Template[number][] = [];
  let open = '';
  for (const [index, part] of text.split(PLACE).entries()) {
    const value = index % 2 === 1 ? args.get(part) : undefined;
    if (value === undefined) {
      open += index % 2 === 1 ? `{${part}}` : part;
      continue;
    }
    pieces.push(...parseTemplate(open), value);
    open = '';
  }
  return [...pieces, ...parseTemplate(open)];
}

export function insertedText(text: string, args: ArgumentTexts): string {
  return text
    .split(PLACE)
    .map((part, index) => (index % 2 === 1 ? (args.get(part) ?? `{${part}}`) : part))
    .join('');
}
