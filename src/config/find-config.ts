import { existsSync } from 'node:fs';
import path from 'node:path';
import { PoolError } from '../errors.ts';

const NAMES = ['config.json', 'config.yaml', 'config.yml'];

/** Where a folder's work belongs, and the configuration that is kept there. */
export interface ProjectConfig {
  /** The folder with the configuration, else that of the repository, else the folder itself. */
  readonly root: string;
  readonly file?: string;
}

/** Looks in the folder and above it, as far as the repository goes. */
export function findProjectConfig(folder: string): ProjectConfig {
  const repository = foldersAbove(folder).find((each) => existsSync(path.join(each, '.git'))) ?? folder;
  for (const root of foldersAbove(folder)) {
    const file = configIn(root);
    if (file !== undefined) return { root, file };
    if (root === repository) break;
  }
  return { root: repository };
}

/** The configuration in a folder's `.claude-pool`. Throws `INVALID_OPTIONS` when there are two. */
export function configIn(folder: string): string | undefined {
  const files = NAMES.map((name) => path.join(folder, '.claude-pool', name)).filter((file) =>
    existsSync(file),
  );
  if (files.length < 2) return files[0];
  const message = `Expected one configuration in ${path.join(folder, '.claude-pool')}, got ${files.map((file) => path.basename(file)).join(' and ')}. Keep one of them.`;
  throw new PoolError('INVALID_OPTIONS', message);
}

function foldersAbove(folder: string): readonly string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersAbove(parent)];
}
