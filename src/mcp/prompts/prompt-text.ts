import { PoolError } from '../../index.ts';
import type { Skill } from '../../index.ts';

const PLACE =
  /\$\{CLAUDE_SKILL_DIR\}|\$ARGUMENTS\[(\d+)\]|(\$ARGUMENTS)\b|\$(0|[1-9]\d*)(?!\w|\.\d)|(?<!\$)\{([A-Za-z_][\w-]*)\}/g;

/** The text of a skill for the client itself. What is put in is not looked into again. */
export function promptText(skill: Skill, given: Readonly<Record<string, string>>): string {
  const { name, arguments: declared, prompt, folder } = skill;
  const missing = declared.filter((each) => each.required && given[each.name] === undefined);
  if (missing.length > 0) {
    const names = missing.map((each) => `\`${each.name}\``).join(', ');
    throw new PoolError('SKILL_INVALID', `Expected the skill \`${name}\` to be given ${names}.`);
  }
  const order = [...new Set([...declared.map((each) => each.name), ...Object.keys(given)])];
  const all = order.flatMap((each) => given[each] ?? []).join(' ');
  let isUsed = Object.keys(given).length === 0;
  const text = prompt.replaceAll(PLACE, (...match: readonly (string | undefined)[]) => {
    const [typed = '', member, everything, index = member, named] = match;
    if (typed === '${CLAUDE_SKILL_DIR}') return folder ?? typed;
    const key = named ?? order[Number(index)];
    if (everything === undefined && (key === undefined || !order.includes(key))) return typed;
    isUsed = true;
    return everything === undefined ? (given[key ?? ''] ?? '') : all;
  });
  return isUsed ? text : `${text}\n\nARGUMENTS: ${all}`;
}
