import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { PoolError } from '../errors.ts';
import { parseLegacySkill } from './parse-legacy-skill.ts';
import { parseSkill } from './parse-skill.ts';
import { canonicalName } from './skill-name.ts';
import { skillFault } from './skill-fault.ts';
import type { Skill, SkillSource } from './skill.ts';

/** A file that is not a good skill and was set aside. */
export interface SkillProblem {
  readonly path: string;
  readonly source: SkillSource;
  readonly error: PoolError;
}

export interface ShelfContents {
  readonly skills: readonly Skill[];
  readonly problems: readonly SkillProblem[];
}

/** One folder of skills, read anew at each call as far as it has changed. */
export interface SkillShelf {
  readonly read: (signal?: AbortSignal) => Promise<ShelfContents>;
}

/** A file that changed less than this long before it was read can change again under the same timestamp. */
const SETTLED_MS = 100;
const MAX_BYTES = 2 ** 20;

export interface SkillShelfOptions {
  readonly root: string;
  readonly source: SkillSource;
  /** The clock that the file system's timestamps are held against, in milliseconds. @default Date.now */
  readonly now?: () => number;
}

export function skillShelf({ root, source, now = Date.now }: SkillShelfOptions): SkillShelf {
  let known: ReadonlyMap<string, ReadFile> = new Map();
  return {
    async read(signal) {
      const { files, problems } = await listFiles(root, source);
      const read = await Promise.all(
        files.map((file) => readAnew({ path: file, source, now }, known.get(file), signal)),
      );
      const found = read.filter((file) => file !== undefined);
      known = new Map(found.map((file) => [file.path, file]));
      return sorted([...problems, ...found.map(({ outcome }) => outcome)]);
    },
  };
}

type Outcome = Skill | SkillProblem;

interface ReadFile {
  readonly path: string;
  /** Undefined when the file may still change under the same timestamp. */
  readonly stamp: string | undefined;
  readonly outcome: Outcome;
}

interface SkillFile {
  readonly path: string;
  readonly source: SkillSource;
}

async function listFiles(
  root: string,
  source: SkillSource,
): Promise<{ readonly files: readonly string[]; readonly problems: readonly SkillProblem[] }> {
  try {
    const names = (await readdir(root)).filter((name) => !name.startsWith('.')).toSorted();
    const legacy = names.filter((name) => name.endsWith('.json'));
    const folders = names.filter((name) => !name.endsWith('.json'));
    const files = [...folders.map((name) => path.join(name, 'SKILL.md')), ...legacy];
    return { files: files.map((file) => path.join(root, file)), problems: [] };
  } catch (error) {
    return { files: [], problems: isMissing(error) ? [] : [unreadable({ path: root, source }, error)] };
  }
}

async function readAnew(
  { now, ...file }: SkillFile & { readonly now: () => number },
  known: ReadFile | undefined,
  signal: AbortSignal | undefined,
): Promise<ReadFile | undefined> {
  try {
    const stats = await stat(file.path, { bigint: true });
    const stamp = [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
    if (known?.stamp === stamp) return known;
    if (!stats.isFile() || stats.size > MAX_BYTES) {
      const fault = skillFault(file.path, 1, 'Expected a regular file of at most 1 MiB.');
      return { path: file.path, stamp, outcome: { ...file, error: fault } };
    }
    const isSettled = now() - Number(stats.ctimeMs) > SETTLED_MS;
    const text = await readFile(file.path, { encoding: 'utf8', signal });
    return { path: file.path, stamp: isSettled ? stamp : undefined, outcome: parseFile(text, file) };
  } catch (error) {
    signal?.throwIfAborted();
    if (isMissing(error)) return undefined;
    return { path: file.path, stamp: undefined, outcome: unreadable(file, error) };
  }
}

function parseFile(text: string, file: SkillFile): Outcome {
  try {
    return file.path.endsWith('.json') ? parseLegacySkill(text, file) : parseSkill(text, file);
  } catch (error) {
    if (error instanceof PoolError) return { ...file, error };
    throw error;
  }
}

/** The first of a name counts; a second one in the same folder is a problem. */
function sorted(outcomes: readonly Outcome[]): ShelfContents {
  const skills = new Map<string, Skill>();
  const problems: SkillProblem[] = [];
  for (const outcome of outcomes) {
    if ('error' in outcome) {
      problems.push(outcome);
      continue;
    }
    const name = canonicalName(outcome.name);
    const first = skills.get(name);
    if (first === undefined) skills.set(name, outcome);
    else problems.push(duplicate(outcome, first));
  }
  return { skills: [...skills.values()], problems };
}

function duplicate({ name, source, path: file = '' }: Skill, first: Skill): SkillProblem {
  const error = skillFault(file, 1, `Expected a name of its own, got \`${name}\`, which ${first.path} has.`);
  return { path: file, source, error };
}

function unreadable(file: SkillFile, cause: unknown): SkillProblem {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `${file.path}: Expected to be able to read it, got: ${reason}`;
  return { ...file, error: new PoolError('SKILL_INVALID', message, { cause }) };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
