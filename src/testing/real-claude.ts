import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { PoolError } from '../errors.ts';

const aliases = { oldest: 'claude-oldest', newest: 'claude-newest' } as const;
const manifestSchema = z.looseObject({ version: z.string() });
const reportSchema = z.looseObject({
  header: z.looseObject({ glibcVersionRuntime: z.string().optional() }),
});

/** A binary of the real CLI. */
export interface RealClaude {
  readonly command: string;
  readonly version: string;
}

/**
 * Finds the oldest or the newest version of the real CLI that this package is tested with. They are development
 * dependencies of it, under the names `claude-oldest` and `claude-newest`: install them to have them.
 * Throws `CLAUDE_NOT_FOUND` when the version is not there.
 *
 * @example
 * await using pool = await createPool({ claude: { command: realClaude('newest').command } });
 */
export function realClaude(version: 'oldest' | 'newest'): RealClaude {
  const alias = aliases[version];
  const wrapper = readManifest(alias, import.meta.url);
  const platform = `@anthropic-ai/claude-code-${platformName()}`;
  const binary = readManifest(platform, wrapper.file);
  // Without its own copy, an alias resolves to the copy of the other one.
  if (binary.version !== wrapper.version) {
    throw notInstalled(`\`${platform}\` ${wrapper.version} for \`${alias}\`, got ${binary.version}`);
  }
  const name = process.platform === 'win32' ? 'claude.exe' : 'claude';
  return { command: path.join(path.dirname(binary.file), name), version: binary.version };
}

function readManifest(name: string, from: string): { readonly file: string; readonly version: string } {
  try {
    const file = createRequire(from).resolve(`${name}/package.json`);
    return { file, version: manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).version };
  } catch (cause) {
    throw notInstalled(`the package \`${name}\`, got none`, cause);
  }
}

function notInstalled(expected: string, cause?: unknown): PoolError {
  const advice = 'Run `npm ci` with optional dependencies: the binary of the CLI is one.';
  return new PoolError('CLAUDE_NOT_FOUND', `Expected ${expected}. ${advice}`, { cause });
}

function platformName(): string {
  return `${process.platform}-${process.arch}${isMusl() ? '-musl' : ''}`;
}

function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  return reportSchema.parse(process.report.getReport()).header.glibcVersionRuntime === undefined;
}
