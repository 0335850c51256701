import path from 'node:path';
import { z } from 'zod';
import { parseFields } from './skill-fault.ts';
import { skillOf } from './parse-skill.ts';
import type { SkillPlace } from './parse-skill.ts';
import type { Skill } from './skill.ts';
import { yamlText } from './yaml-text.ts';

const legacySchema = z.looseObject({ prompt: z.string().trim().min(1) });

/** Reads a skill of the old form: one JSON file with `name`, `description`, `prompt`, `arguments`, `scope`, `config`. */
export function parseLegacySkill(text: string, place: SkillPlace): Skill {
  const read = yamlText(text, place.path);
  const {
    prompt,
    arguments: declared,
    scope,
    config,
    ...fields
  } = parseFields(legacySchema, read, place.path);
  const metadata = { arguments: declared, scope, config };
  const name = path.basename(place.path, '.json');
  return skillOf(
    { fields: { name, ...fields, metadata }, lineOf: (names) => read.lineOf(withoutMetadata(names)) },
    prompt,
    place,
  );
}

function withoutMetadata(names: readonly PropertyKey[]): readonly PropertyKey[] {
  return names[0] === 'metadata' ? names.slice(1) : names;
}
