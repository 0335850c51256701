import { PoolError } from '../errors.ts';
import type { Skill } from './skill.ts';

/** Whether a slot can run it. A coordinator's skill needs the pool's own tools, which no slot has. */
export function runsInSlot({ scope }: Pick<Skill, 'scope'>): boolean {
  return scope !== 'coordinator';
}

/** Throws `SKILL_INVALID` where a slot cannot run the skill. */
export function checkRunsInSlot(skill: Pick<Skill, 'name' | 'scope'>): void {
  if (runsInSlot(skill)) return;
  throw new PoolError(
    'SKILL_INVALID',
    `Expected a skill of scope \`task\` or \`chain\`, got \`${skill.name}\` of scope \`coordinator\`. ` +
      'A slot has no tools of the pool: give its text to the session that coordinates the pool.',
  );
}
