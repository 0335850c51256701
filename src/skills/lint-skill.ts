import path from 'node:path';
import { frontMatter } from './front-matter.ts';
import type { FrontMatter } from './front-matter.ts';
import { faultPosition } from './skill-fault.ts';

/** What a skill file breaks of the standard, and where. */
export interface SkillLint {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  /** What was expected, as one sentence. */
  readonly message: string;
  /** An error breaks the standard, a warning its advice. */
  readonly severity: 'error' | 'warning';
}

const FIELDS = ['name', 'description', 'license', 'compatibility', 'metadata', 'allowed-tools'];
const ADVISED_LINES = 500;
const ADVISED_TOKENS = 5_000;
const CHARACTERS_PER_TOKEN = 4;

/**
 * Checks a SKILL.md strictly against the Agent Skills standard (agentskills.io).
 *
 * @example
 * for (const { line, message } of lintSkill(text, { path: 'SKILL.md' })) console.log(line, message);
 */
export function lintSkill(text: string, { path: file }: { readonly path: string }): readonly SkillLint[] {
  const read = readOrFault(text, file);
  if (!('fields' in read)) return [read];
  const checks = [fileFaults, nameFaults, descriptionFaults, textFaults, metadataFaults, toolFaults];
  const faults = [...checks, unknownFields, bodyAdvice].flatMap((check) => check(read, file));
  return faults
    .map(({ at, ...fault }) => ({ path: file, line: read.lineOf(at), ...fault }))
    .toSorted((one, other) => one.line - other.line);
}

interface Fault extends Pick<SkillLint, 'rule' | 'message' | 'severity'> {
  readonly at: readonly string[];
}

function readOrFault(text: string, file: string): FrontMatter | SkillLint {
  try {
    return frontMatter(text, file);
  } catch (error) {
    const fault = faultPosition(error);
    if (fault === undefined) throw error;
    return { path: file, line: fault.line, rule: 'front-matter', message: fault.sentence, severity: 'error' };
  }
}

function fileFaults(_: FrontMatter, file: string): readonly Fault[] {
  if (path.basename(file) === 'SKILL.md') return [];
  return [broken('file-name', [], 'Expected the file to be called `SKILL.md`.')];
}

function nameFaults({ fields: { name } }: FrontMatter, file: string): readonly Fault[] {
  if (typeof name !== 'string') return [broken('name', ['name'], 'Expected a field `name` that is text.')];
  const isFit = name.length <= 64 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name);
  const folder = path.basename(path.dirname(path.resolve(file)));
  return [
    ...(isFit
      ? []
      : [
          broken(
            'name',
            ['name'],
            `Expected \`name\` to be 1 to 64 of a-z, 0-9 and single inner hyphens, got \`${name}\`.`,
          ),
        ]),
    ...(name === folder
      ? []
      : [
          broken(
            'name-folder',
            ['name'],
            `Expected \`name\` to be its folder's, \`${folder}\`, got \`${name}\`.`,
          ),
        ]),
  ];
}

function descriptionFaults({ fields: { description } }: FrontMatter): readonly Fault[] {
  const isFit = typeof description === 'string' && description.trim() !== '' && description.length <= 1024;
  return isFit
    ? []
    : [broken('description', ['description'], 'Expected `description` to be text of 1 to 1024 characters.')];
}

function textFaults({ fields: { license, compatibility } }: FrontMatter): readonly Fault[] {
  const isLicenseFit = license === undefined || typeof license === 'string';
  const isCompatibilityFit =
    compatibility === undefined ||
    (typeof compatibility === 'string' && compatibility !== '' && compatibility.length <= 500);
  return [
    ...(isLicenseFit ? [] : [broken('license', ['license'], 'Expected `license` to be text.')]),
    ...(isCompatibilityFit
      ? []
      : [
          broken(
            'compatibility',
            ['compatibility'],
            'Expected `compatibility` to be text of 1 to 500 characters.',
          ),
        ]),
  ];
}

function metadataFaults({ fields: { metadata } }: FrontMatter): readonly Fault[] {
  if (metadata === undefined) return [];
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    return [broken('metadata', ['metadata'], 'Expected `metadata` to be names with texts.')];
  }
  return Object.entries(metadata)
    .filter(([, value]) => typeof value !== 'string')
    .map(([key]) => broken('metadata', ['metadata', key], metadataAdvice(key)));
}

function metadataAdvice(key: string): string {
  const standard = { arguments: 'arguments', config: 'settings', scope: 'scope' }[key];
  const advice = standard === undefined ? '' : ` Write it as JSON text in \`claude-pool-${standard}\`.`;
  return `Expected \`metadata.${key}\` to be text.${advice}`;
}

function toolFaults({ fields }: FrontMatter): readonly Fault[] {
  const tools = fields['allowed-tools'];
  const isFit = typeof tools === 'string' && !tools.replaceAll(/\([^)]*\)/g, '').includes(',');
  if (tools === undefined || isFit) return [];
  return [
    broken(
      'allowed-tools',
      ['allowed-tools'],
      'Expected `allowed-tools` to be text with spaces between the tools.',
    ),
  ];
}

function unknownFields({ fields }: FrontMatter): readonly Fault[] {
  return Object.keys(fields)
    .filter((field) => !FIELDS.includes(field))
    .map((field) =>
      broken(
        'unknown-field',
        [field],
        `Expected only fields of the standard, got \`${field}\`: \`metadata\` may hold it.`,
      ),
    );
}

function bodyAdvice({ body }: FrontMatter): readonly Fault[] {
  const lines = body.split('\n').length;
  const tokens = Math.ceil(body.length / CHARACTERS_PER_TOKEN);
  if (body === '') return [unwise('body', [], 'Expected instructions after the front matter, got none.')];
  if (lines < ADVISED_LINES && tokens < ADVISED_TOKENS) return [];
  return [
    unwise(
      'body',
      [],
      `Expected fewer than ${ADVISED_LINES} lines and ${ADVISED_TOKENS} tokens, got ${lines} lines and about ${tokens} tokens: move details to \`references/\`.`,
    ),
  ];
}

function broken(rule: string, at: readonly string[], message: string): Fault {
  return { rule, at, message, severity: 'error' };
}

function unwise(rule: string, at: readonly string[], message: string): Fault {
  return { rule, at, message, severity: 'warning' };
}
