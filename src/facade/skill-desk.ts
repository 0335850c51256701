import type { Template } from '../../machines/template.ts';
import type { Pool, TaskOptions } from '../api.ts';
import type { ChainDraft } from '../chains/chain-draft.ts';
import type { ChainParts } from '../chains/instantiate-chain.ts';
import { PoolError } from '../errors.ts';
import { renderPieces } from '../skills/render-pieces.ts';
import { renderSkill } from '../skills/render-skill.ts';
import type { Skill } from '../skills/skill.ts';
import type { SkillRegistry } from '../skills/skill-registry.ts';
import { checkRunsInSlot } from '../skills/skill-scope.ts';

type SkillDesk = Pick<Pool, 'skills' | 'runSkill' | 'submitSkill'>;

/** The methods for skills: they end as tasks. */
export function skillDesk(skills: SkillRegistry, { run, submit }: Pick<Pool, 'run' | 'submit'>): SkillDesk {
  return {
    skills,
    async runSkill(name, args = {}, options = {}) {
      const skill = await skills.get(name, options);
      return run(renderSkill(skill, args), { ...optionsOf(skill, options), ...options });
    },
    async submitSkill(name, args = {}, options = {}) {
      const skill = await skills.get(name, options);
      return submit(renderSkill(skill, args), { ...optionsOf(skill, options), ...options });
    },
  };
}

/** Reads every skill that a chain names, so that a missing one is met before the chain starts. */
export async function skillsOfChain(
  { steps }: ChainDraft,
  { skills, signal }: { readonly skills: SkillRegistry; readonly signal: AbortSignal | undefined },
): Promise<ChainParts['compileSkill']> {
  const names = steps
    .flatMap((part) => ('parallel' in part ? part.parallel : [part]))
    .flatMap(({ skill }) => skill ?? []);
  const known = new Map<string, Skill>();
  for (const name of new Set(names))
    known.set(name, await skills.get(name, signal === undefined ? {} : { signal }));
  return (name, args, options) => {
    const skill = known.get(name);
    if (skill === undefined) throw new PoolError('SKILL_NOT_FOUND', `Expected a skill, got \`${name}\`.`);
    const prompt: Template = renderPieces<Template[number]>(skill, args, (text) => text);
    return { prompt, options: optionsOf(skill, options) };
  };
}

/** What a skill sets. A repository that was cloned does not decide that its skills may do everything unasked. */
function optionsOf(skill: Skill, overrides: object): TaskOptions {
  checkRunsInSlot(skill);
  const { settings, source, name } = skill;
  const isTrusted = source !== 'project' || settings.permissionMode !== 'bypassPermissions';
  if (isTrusted || 'permissionMode' in overrides) return settings;
  throw new PoolError(
    'SKILL_INVALID',
    `Expected the project skill \`${name}\` to ask for less than \`bypassPermissions\`. Give \`permissionMode\` with the call or the step when you trust it.`,
  );
}
