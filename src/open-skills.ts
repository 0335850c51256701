import type { PoolOptions } from './api.ts';
import { skillFolders } from './skills/skill-folders.ts';
import { skillRegistry } from './skills/skill-registry.ts';
import type { SkillRegistry } from './skills/skill-registry.ts';

/**
 * The skills that a pool with these options knows, without a pool.
 *
 * @example
 * const skills = await openSkills().list({ source: 'project' });
 */
export function openSkills({
  skills = {},
  claude,
}: Pick<PoolOptions, 'skills' | 'claude'> = {}): SkillRegistry {
  const folders = skillFolders(claude?.cwd === undefined ? {} : { cwd: claude.cwd });
  const { project = folders.project, global = folders.global, builtin = true, disabled = [] } = skills;
  return skillRegistry({
    disabled,
    ...(project !== false && { project }),
    ...(global !== false && { global }),
    ...(builtin && { builtin: folders.builtin }),
  });
}
