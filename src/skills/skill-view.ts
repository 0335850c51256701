import { PoolError } from '../errors.ts';
import type { ListedSkill } from './resolve-skills.ts';
import { canonicalName } from './skill-name.ts';
import { skillNotFound } from './skill-not-found.ts';
import type { SkillProblem } from './skill-shelf.ts';
import type { Skill, SkillSource } from './skill.ts';

/** All that the sources held when they were last looked at. */
export interface SkillView {
  /** What counts, by canonical name. */
  readonly skills: ReadonlyMap<string, ListedSkill>;
  /** What counts, what is shadowed, and what is disabled. */
  readonly all: readonly Skill[];
  readonly problems: readonly SkillProblem[];
  readonly disabled: ReadonlySet<string>;
}

/** The skill that counts. Throws `SKILL_NOT_FOUND`. */
export function skillNamed(view: SkillView, name: string): ListedSkill {
  const skill = view.skills.get(canonicalName(name));
  if (skill !== undefined) return skill;
  const names = [...view.skills.values()].map((known) => known.name);
  throw skillNotFound(name, { ...view, names });
}

/** The skill of one source, also where another counts. */
export function findSkill({ all }: SkillView, name: string, source: SkillSource): Skill | undefined {
  return all.find((skill) => skill.source === source && canonicalName(skill.name) === canonicalName(name));
}

/** The skill of one source. Throws `SKILL_NOT_FOUND`, or `INVALID_STATE` when only others have it. */
export function skillOfSource(view: SkillView, name: string, source: SkillSource): Skill {
  const skill = findSkill(view, name, source);
  if (skill !== undefined) return skill;
  const other = skillNamed(view, name);
  throw new PoolError(
    'INVALID_STATE',
    `Expected a ${source} skill, got \`${name}\`, which is a ${other.source} skill. ${ADVICE[other.source]}`,
  );
}

const ADVICE: Readonly<Record<SkillSource, string>> = {
  runtime: 'Save it to keep it.',
  project: 'Edit or remove it in the project.',
  global: 'Edit or remove it in the global folder.',
  builtin: 'Eject it to edit it, or disable it.',
};
