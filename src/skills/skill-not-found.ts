import path from 'node:path';
import { PoolError } from '../errors.ts';
import { nearNames } from './near-names.ts';
import { canonicalName } from './skill-name.ts';
import type { SkillProblem } from './skill-shelf.ts';

export interface SkillSearch {
  readonly names: readonly string[];
  readonly problems: readonly SkillProblem[];
  readonly disabled: ReadonlySet<string>;
}

/** The error of a name that no skill has: why it may be missing, or which names are near. */
export function skillNotFound(name: string, { names, problems, disabled }: SkillSearch): PoolError {
  const key = canonicalName(name);
  if (disabled.has(key)) {
    return new PoolError(
      'SKILL_NOT_FOUND',
      `Expected the name of a skill, got \`${name}\`, which is disabled.`,
    );
  }
  const problem = problems.find((candidate) => canonicalName(nameOf(candidate.path)) === key);
  if (problem !== undefined) {
    const { error } = problem;
    return new PoolError(
      'SKILL_NOT_FOUND',
      `Expected the name of a good skill, got \`${name}\`, which was set aside: ${error.message}`,
      { cause: error },
    );
  }
  const near = nearNames(key, names).map((other) => `\`${other}\``);
  const advice = near.length === 0 ? 'See the list of skills.' : `Did you mean ${near.join(' or ')}?`;
  return new PoolError('SKILL_NOT_FOUND', `Expected the name of a skill, got \`${name}\`. ${advice}`);
}

function nameOf(file: string): string {
  return file.endsWith('.json') ? path.basename(file, '.json') : path.basename(path.dirname(file));
}
