import path from 'node:path';
import type { z } from 'zod';
import { frontMatter } from './front-matter.ts';
import { normalFields } from './normal-fields.ts';
import { parseFields, skillFault } from './skill-fault.ts';
import type { SkillText } from './skill-fault.ts';
import { isSkillName } from './skill-name.ts';
import { skillSchema } from './skill-schema.ts';
import type { Skill, SkillArgument, SkillScope, SkillSettings, SkillSource } from './skill.ts';

export interface SkillPlace {
  readonly path: string;
  readonly source: SkillSource;
}

/** Reads a SKILL.md leniently. Throws `SKILL_INVALID` with file, line and what was expected. */
export function parseSkill(text: string, place: SkillPlace): Skill {
  const { body, ...fields } = frontMatter(text, place.path);
  const skill = skillOf(fields, body, place);
  const hasFolder = place.source === 'project' || place.source === 'global';
  return hasFolder ? { ...skill, folder: path.dirname(place.path) } : skill;
}

/** The skill that its fields and its instructions make. */
export function skillOf(text: SkillText, prompt: string, { path: file, source }: SkillPlace): Skill {
  const parsed = parseFields(skillSchema, { ...text, fields: normalFields(text.fields) }, file);
  const name = parsed.name ?? path.basename(path.dirname(file));
  if (!isSkillName(name)) throw skillFault(file, 1, 'Expected a field `name`, got none.');
  if (prompt === '') throw skillFault(file, 1, 'Expected instructions after the front matter, got none.');
  const hint = parsed['argument-hint'];
  return {
    name,
    description: parsed.description,
    prompt,
    source,
    scope: scopeOf(name, parsed.metadata),
    arguments: argumentsOf(parsed.metadata),
    ...(typeof hint === 'string' && { argumentHint: hint }),
    settings: settingsOf(parsed),
    frontMatter: text.fields,
    path: file,
  };
}

type Fields = z.output<typeof skillSchema>;

function scopeOf(name: string, metadata: Fields['metadata']): SkillScope {
  const scope = metadata?.['claude-pool-scope'] ?? metadata?.scope;
  if (scope) return scope;
  if (name.startsWith('cps-coordinator')) return 'coordinator';
  return name.startsWith('cps-chain') ? 'chain' : 'task';
}

function argumentsOf(metadata: Fields['metadata']): readonly SkillArgument[] {
  const declared = metadata?.['claude-pool-arguments'] ?? metadata?.arguments ?? [];
  return declared.map(({ name, description, required }) => ({
    name,
    description: description ?? '',
    required: required ?? false,
  }));
}

function settingsOf({ model, effort, metadata, ...fields }: Fields): SkillSettings {
  const layers = [
    metadata?.config,
    metadata?.['claude-pool-settings'],
    {
      model: model === 'inherit' ? undefined : model,
      effort,
      allowedTools: fields['allowed-tools'],
      disallowedTools: fields['disallowed-tools'],
    },
  ];
  return Object.fromEntries(
    layers.flatMap((layer) => Object.entries(layer ?? {})).filter(([, value]) => value != null),
  );
}
