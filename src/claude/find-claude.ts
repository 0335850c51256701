import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { PoolError } from '../errors.ts';

export interface ClaudeCommand {
  readonly command: string;
  readonly path: string | undefined;
  readonly cwd: string;
}

const REMEDY =
  'Install it with `npm install --global @anthropic-ai/claude-code`, or name the program with the option `claude.command`.';

/** The full path of the program. Rejects with `CLAUDE_NOT_FOUND` when there is none that can be run. */
export async function findClaude({ command, path = '', cwd }: ClaudeCommand): Promise<string> {
  const candidates = candidatesOf({ command, path, cwd });
  const found = await Promise.all(candidates.map(kindOf));
  const runnable = candidates[found.indexOf('runnable')];
  if (runnable !== undefined) return runnable;
  throw notFound(command, candidates[found.indexOf('blocked')]);
}

function candidatesOf({ command, path = '', cwd }: ClaudeCommand): string[] {
  if (isAbsolute(command) || /[/\\]/.test(command)) return [resolve(cwd, command)];
  const names = process.platform === 'win32' ? [`${command}.exe`, `${command}.cmd`, command] : [command];
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => names.map((name) => join(folder, name)));
}

async function kindOf(file: string): Promise<'missing' | 'blocked' | 'runnable'> {
  try {
    if (!(await stat(file)).isFile()) return 'missing';
  } catch {
    return 'missing';
  }
  return access(file, constants.X_OK).then(
    () => 'runnable',
    () => 'blocked',
  );
}

function notFound(command: string, blocked: string | undefined): PoolError {
  if (blocked !== undefined) {
    const message = `Expected \`${blocked}\` to be a program, got a file that is not executable. Allow it with \`chmod +x\`, or name another with the option \`claude.command\`.`;
    return new PoolError('CLAUDE_NOT_FOUND', message);
  }
  const place = /[/\\]/.test(command) ? 'at that path' : 'on the `PATH`';
  return new PoolError(
    'CLAUDE_NOT_FOUND',
    `Expected the program \`${command}\`, found none ${place}. ${REMEDY}`,
  );
}
