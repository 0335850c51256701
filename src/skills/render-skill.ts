import { bindArguments } from './bind-arguments.ts';
import type { SkillArguments } from './bind-arguments.ts';
import { renderPieces } from './render-pieces.ts';
import type { Skill } from './skill.ts';

/**
 * The text of a skill with its arguments put in. What is put in is never expanded again, nor executed.
 * Throws `SKILL_INVALID` when an argument is missing.
 *
 * @example
 * const prompt = renderSkill(await openSkills().get('code-review'), { target: 'src/pool.ts' });
 */
export function renderSkill(skill: Skill, args: SkillArguments = {}): string {
  const values = Object.entries(bindArguments(skill, args)).map(([name, value]) => [name, [value]] as const);
  return renderPieces(skill, Object.fromEntries(values), (literal) => literal).join('');
}
