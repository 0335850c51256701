import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

/** The folders that hold skills. A source without a folder is not used. */
export interface SkillFolders {
  readonly project?: string;
  readonly global?: string;
  readonly builtin?: string;
}

/** The folders of a project, of its user, and of this package. */
export function skillFolders({
  cwd = '.',
  home = homedir(),
}: {
  readonly cwd?: string;
  readonly home?: string;
} = {}): Required<SkillFolders> {
  const packageFile = createRequire(import.meta.url).resolve('claude-pool/package.json');
  return {
    project: path.resolve(cwd, '.claude-pool', 'skills'),
    global: path.resolve(home, '.claude-pool', 'skills'),
    builtin: path.join(path.dirname(packageFile), 'skills'),
  };
}
