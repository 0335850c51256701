import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { ROOT } from './pages.ts';
import type { CodeBlock } from './pages.ts';

/** Packages that examples import, besides this one. */
const PACKAGES = ['@modelcontextprotocol', '@types', 'vitest', 'xstate'];

/** Files that examples import. */
const FILES = ['test/conformance/article-machine.ts'];

/** What a careful user compiles with. */
export const STRICT = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  rewriteRelativeImportExtensions: true,
};

const TSCONFIG = {
  compilerOptions: {
    ...STRICT,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
  },
  include: ['*.mts', '*.ts'],
};

const A_POOL = "import { createPool } from 'claude-pool'; await using pool = await createPool();";

/** A project that has this package and the examples, each as a file of its own. It is deleted at the end. */
export interface ExampleFolder extends AsyncDisposable {
  readonly path: string;
  /** What the compiler says against the examples, by page and line. All of them are built by it. */
  readonly faults: readonly string[];
}

export async function exampleFolder(examples: readonly CodeBlock[]): Promise<ExampleFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'docs-'));
  await mkdir(path.join(folder, 'node_modules'));
  await symlink(ROOT, path.join(folder, 'node_modules/claude-pool'));
  for (const name of PACKAGES) {
    await symlink(path.join(ROOT, 'node_modules', name), path.join(folder, 'node_modules', name));
  }
  for (const file of FILES) await copyFile(path.join(ROOT, file), path.join(folder, path.basename(file)));
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  for (const example of examples) {
    await writeFile(path.join(folder, `${fileNameOf(example)}.mts`), sourceOf(example));
  }
  return {
    path: folder,
    faults: await compile(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Without its ending. */
export function fileNameOf({ page, line }: CodeBlock): string {
  return `${path.basename(page, '.md')}-${line}`;
}

/** On the same lines as in the page. An example that uses a pool and makes none goes on with one. */
function sourceOf({ code, line }: CodeBlock): string {
  const uses = /\bpool\b/.test(code.replaceAll(/'[^'\n]*'|\/\/.*$/gm, ''));
  const makes = /\b(?:const|using) pool\b/.test(code);
  return (uses && !makes ? A_POOL : '') + '\n'.repeat(line - 1) + code;
}

async function compile(folder: string): Promise<readonly string[]> {
  const tsc = path.join(ROOT, 'node_modules/.bin/tsc');
  const { stdout, exitCode } = await execa(tsc, ['-p', '.', '--pretty', 'false'], {
    cwd: folder,
    reject: false,
  });
  return exitCode === 0 ? [] : stdout.split('\n').filter((line) => line !== '');
}
