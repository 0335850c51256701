import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import pc from 'picocolors';
import { lintSkill, openSkills, PoolError } from '../../index.ts';
import type { SkillLint } from '../../index.ts';
import { answering } from '../answering.ts';
import { printData } from '../envelope.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { ValidateFlags } from './skill-command.ts';

/** `claude-pool skill validate`. Resolves with the exit code: 1 when there is an error. */
export function validateSkills(paths: readonly string[], { json }: ValidateFlags): Promise<number> {
  return answering({ ...(json && { json }) }, async () => {
    const files = (await Promise.all(paths.map(skillFilesIn))).flat();
    const problems = (await Promise.all(files.map(problemsIn))).flat();
    if (json === true) printData({ files, problems });
    else {
      for (const problem of problems) process.stdout.write(`${lineOf(problem)}\n`);
      process.stderr.write(
        `Checked ${files.length}, with ${problems.length === 0 ? 'no' : problems.length} problems.\n`,
      );
    }
    const isBad = problems.some(({ severity }) => severity === 'error');
    return isBad ? EXIT_CODES.failed : EXIT_CODES.succeeded;
  });
}

async function skillFilesIn(place: string): Promise<readonly string[]> {
  if (!(await stat(place).catch(notThere(place))).isDirectory()) return [place];
  const names = await readdir(place);
  if (names.includes('SKILL.md')) return [path.join(place, 'SKILL.md')];
  const files = names.map((name) => path.join(place, name, 'SKILL.md'));
  const isThere = await Promise.all(files.map((file) => stat(file).then(Boolean, () => false)));
  return files.filter((_, index) => isThere[index]);
}

function notThere(place: string): (cause: unknown) => never {
  return (cause) => {
    const message = `Expected a SKILL.md or a folder of skills, got \`${place}\`, which cannot be read.`;
    throw new PoolError('INVALID_OPTIONS', message, { cause });
  };
}

async function problemsIn(file: string): Promise<readonly SkillLint[]> {
  const text = await readFile(file, 'utf8');
  const problems = lintSkill(text, { path: file });
  try {
    openSkills().register(text);
    return problems;
  } catch (error) {
    if (!(error instanceof PoolError)) throw error;
    const fault = { path: file, line: 1, rule: 'runnable', message: error.message } as const;
    return [...problems, { ...fault, severity: 'error' }];
  }
}

function lineOf({ path: file, line, severity, rule, message }: SkillLint): string {
  const colour = severity === 'error' ? pc.red : pc.yellow;
  return `${file}:${line} ${colour(severity)} ${rule}: ${message}`;
}
