import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { PoolError } from '../errors.ts';
import { parseFile } from '../parse-file.ts';
import type { Config } from './config.ts';
import { configSchema } from './config-schema.ts';
import { environmentConfig } from './environment-config.ts';
import { configIn, findProjectConfig } from './find-config.ts';
import { isData, merged } from './merged.ts';
import { resolvePaths } from './resolve-paths.ts';

/** Where a configuration is looked for. */
export interface ConfigPlace {
  /** The folder whose project's configuration counts. */
  readonly folder: string;
  /** Where `CLAUDE_POOL_*` is looked for. @default nowhere */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What wins over all. Its paths are relative to the working directory. @default nothing */
  readonly over?: Config;
  /** The user's folder, with `.claude-pool/config.*` in it. @default the user's home */
  readonly home?: string;
}

/** A configuration, and where it comes from. */
export interface LoadedConfig {
  readonly config: Config;
  /** The project: the folder with the configuration, else that of the repository, else the given one. */
  readonly root: string;
  /** The files that it comes from, the strongest first. */
  readonly files: readonly string[];
}

/**
 * What is configured for a folder: by `CLAUDE_POOL_*`, over `.claude-pool/config.{json,yaml}` of its repository, over
 * that in the user's home. Paths are absolute. Rejects with `INVALID_OPTIONS`, naming file, line, column and key.
 *
 * @example
 * const { config } = await loadConfig({ folder: '.' });
 * const { drainTimeoutMs, mcp, ...options } = config;
 * await using pool = await createPool(options);
 */
export async function loadConfig({
  folder,
  env = {},
  over = {},
  home = homedir(),
}: ConfigPlace): Promise<LoadedConfig> {
  const { root, file } = findProjectConfig(path.resolve(folder));
  const found = [file, configIn(path.resolve(home))].filter((each) => each !== undefined);
  const files = [...new Set(found)];
  const layers = await Promise.all(files.map(configOf));
  const here = [environmentConfig(env), { ...over }].map((layer) => resolvePaths(layer, path.resolve('.')));
  return { config: [...layers.toReversed(), ...here].reduce(merged, {}), root, files };
}

async function configOf(file: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const message = `Expected to read the configuration ${file}, got an error: ${String(cause)}.`;
    throw new PoolError('INVALID_OPTIONS', message, { cause });
  });
  const { given } = parseFile(configSchema.nullable(), text, { path: file });
  if (!isData(given)) return {};
  const { $schema: _, ...config } = given;
  return resolvePaths(config, path.dirname(path.dirname(file)));
}
