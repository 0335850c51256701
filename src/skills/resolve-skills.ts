import { canonicalName } from './skill-name.ts';
import type { Skill, SkillSource } from './skill.ts';

/** A skill with those of the same name that it hides. */
export interface ListedSkill extends Skill {
  readonly shadowed: readonly ShadowedSkill[];
}

/** A skill that another of its name hides. */
export interface ShadowedSkill {
  readonly name: string;
  readonly source: SkillSource;
  readonly path?: string;
}

/** Of each name the first skill, by its canonical name. They come in the order of their sources. */
export function resolveSkills(
  all: readonly Skill[],
  disabled: ReadonlySet<string>,
): ReadonlyMap<string, ListedSkill> {
  const found = new Map<string, ListedSkill>();
  for (const skill of all) {
    const key = canonicalName(skill.name);
    const first = found.get(key);
    if (disabled.has(key)) continue;
    if (first === undefined) found.set(key, { ...skill, shadowed: [] });
    else found.set(key, { ...first, shadowed: [...first.shadowed, shadowOf(skill)] });
  }
  return found;
}

function shadowOf({ name, source, path }: Skill): ShadowedSkill {
  return { name, source, ...(path !== undefined && { path }) };
}
