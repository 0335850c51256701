import path from 'node:path';
import { PoolError } from '../errors.ts';
import { draftText } from './skill-draft.ts';
import type { SkillDraft } from './skill-draft.ts';
import { parseSkill } from './parse-skill.ts';
import { resolveSkills } from './resolve-skills.ts';
import type { ListedSkill } from './resolve-skills.ts';
import type { SkillFolders } from './skill-folders.ts';
import { canonicalName } from './skill-name.ts';
import { skillShelf } from './skill-shelf.ts';
import type { SkillProblem } from './skill-shelf.ts';
import { findSkill, skillNamed, skillOfSource } from './skill-view.ts';
import type { SkillView } from './skill-view.ts';
import { skillWriter } from './skill-writer.ts';
import type { SkillWriter } from './skill-writer.ts';
import type { Skill, SkillScope, SkillSource } from './skill.ts';

export interface SkillRegistryOptions extends SkillFolders {
  /** Names that count as absent, from whatever source. */
  readonly disabled?: readonly string[];
}

export interface SkillSignal {
  readonly signal?: AbortSignal;
}

/** Which skills are listed. @default all */
export interface SkillListOptions extends SkillSignal {
  readonly scope?: SkillScope;
  readonly source?: SkillSource;
}

/** Where a skill is written. */
export interface SkillTarget extends SkillSignal {
  readonly to: 'project' | 'global';
}

/** Where a skill is taken from. */
export interface SkillRemoveOptions extends SkillSignal {
  /** Where it is removed; in a folder, with its files. @default 'runtime' */
  readonly from?: 'runtime' | 'project' | 'global';
}

/** The skills of a pool. Of one name the first counts: runtime, project, global, builtin. */
export interface SkillRegistry {
  /** Adds or replaces a runtime skill, given as a draft or as the text of a SKILL.md. */
  register(skill: SkillDraft | string): Skill;
  /** All skills by name, each with those that it hides. */
  list(options?: SkillListOptions): Promise<readonly ListedSkill[]>;
  /** Rejects with `SKILL_NOT_FOUND`, naming near names. `code_review` and `code-review` are one name. */
  get(name: string, options?: SkillSignal): Promise<ListedSkill>;
  /** Takes a skill out of one source; what it hid shows again. */
  remove(name: string, options?: SkillRemoveOptions): Promise<void>;
  /** Writes a runtime skill to a folder, so that later pools have it. Tells the file's path. */
  save(name: string, target: SkillTarget): Promise<string>;
  /** Copies a builtin skill's folder, so that it can be edited. Tells the file's path. */
  eject(name: string, target: SkillTarget): Promise<string>;
  /** Files that were set aside, and why. */
  problems(options?: SkillSignal): Promise<readonly SkillProblem[]>;
}

export function skillRegistry({ disabled = [], ...folders }: SkillRegistryOptions): SkillRegistry {
  const runtime = new Map<string, RuntimeSkill>();
  const look = viewer({ folders, runtime, disabled: new Set(disabled.map(canonicalName)) });

  return {
    register(given) {
      const text = typeof given === 'string' ? given : draftText(given);
      const { path: _, ...skill } = parseSkill(text, { path: 'SKILL.md', source: 'runtime' });
      runtime.set(canonicalName(skill.name), { skill, text });
      return skill;
    },
    async list({ scope, source, signal } = {}) {
      const { skills } = await look(signal);
      return [...skills.values()]
        .filter((skill) => (scope ?? skill.scope) === skill.scope)
        .filter((skill) => (source ?? skill.source) === skill.source)
        .toSorted((one, other) => (one.name < other.name ? -1 : 1));
    },
    async get(name, { signal } = {}) {
      return skillNamed(await look(signal), name);
    },
    async remove(name, { from = 'runtime', signal } = {}) {
      const skill = skillOfSource(await look(signal), name, from);
      if (from === 'runtime') runtime.delete(canonicalName(name));
      else await writerOf(folders, from).remove(entryOf(skill));
    },
    async save(name, { to, signal }) {
      const writer = writerOf(folders, to);
      const view = await look(signal);
      const { name: folder } = skillOfSource(view, name, 'runtime');
      const text = runtime.get(canonicalName(name))?.text ?? '';
      return writer.write(findSkill(view, name, to)?.folder ?? folder, text);
    },
    async eject(name, { to, signal }) {
      const writer = writerOf(folders, to);
      const view = await look(signal);
      const skill = skillOfSource(view, name, 'builtin');
      const existing = findSkill(view, name, to);
      if (existing !== undefined) throw alreadyThere(existing);
      return writer.copy(skill.name, entryOf(skill));
    },
    async problems({ signal } = {}) {
      const { problems } = await look(signal);
      return problems;
    },
  };
}

interface RuntimeSkill {
  readonly skill: Skill;
  readonly text: string;
}

interface Sources {
  readonly folders: SkillFolders;
  readonly runtime: ReadonlyMap<string, RuntimeSkill>;
  readonly disabled: ReadonlySet<string>;
}

function viewer({ folders, runtime, disabled }: Sources): (signal?: AbortSignal) => Promise<SkillView> {
  const shelves = (['project', 'global', 'builtin'] as const).flatMap((source) => {
    const root = folders[source];
    return root === undefined ? [] : [skillShelf({ root, source })];
  });
  return async (signal) => {
    signal?.throwIfAborted();
    const contents = await Promise.all(shelves.map((shelf) => shelf.read(signal)));
    const all = [
      ...[...runtime.values()].map(({ skill }) => skill),
      ...contents.flatMap(({ skills }) => skills),
    ];
    const problems = contents.flatMap((shelf) => shelf.problems);
    return { skills: resolveSkills(all, disabled), all, problems, disabled };
  };
}

function writerOf(folders: SkillFolders, target: 'project' | 'global'): SkillWriter {
  const folder = folders[target];
  if (folder !== undefined) return skillWriter(folder);
  throw new PoolError(
    'INVALID_OPTIONS',
    `Expected a folder of ${target} skills, got none. Set \`${target}\`.`,
  );
}

/** A skill's folder, or the one file of the old form. */
function entryOf({ path: file = '' }: Skill): string {
  return file.endsWith('.json') ? file : path.dirname(file);
}

function alreadyThere({ name, source, path: file }: Skill): PoolError {
  return new PoolError(
    'INVALID_STATE',
    `Expected no ${source} skill \`${name}\`, got ${file}. Edit it, or remove it first.`,
  );
}
