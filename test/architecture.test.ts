import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Who may import whom, by folder; the first rule that fits a file holds. `/` at the end means all below. */
const BORDERS: readonly { readonly of: string; readonly may: readonly string[] }[] = [
  { of: 'machines/', may: ['machines/', 'xstate'] },
  { of: 'src/errors.ts', may: ['machines/types.ts', 'machines/verdict-types.ts'] },
  { of: 'src/events.ts', may: ['machines/'] },
  { of: 'src/ports.ts', may: ['machines/', 'src/events.ts'] },
  { of: 'src/world.ts', may: ['machines/types.ts', 'node:'] },
  { of: 'src/processes/', may: ['src/processes/', 'execa', 'node:'] },
  {
    of: 'src/claude/',
    may: [
      'src/claude/',
      'src/processes/',
      'src/deferred.ts',
      'src/ports.ts',
      'src/errors.ts',
      'src/parse.ts',
      'src/world.ts',
      'machines/types.ts',
      'execa',
      'zod',
      'node:',
    ],
  },
  {
    of: 'src/store/',
    may: [
      'src/store/',
      'src/lazily.ts',
      'src/ports.ts',
      'src/events.ts',
      'src/errors.ts',
      'machines/types.ts',
      'libsql',
      'zod',
      'node:',
    ],
  },
  {
    of: 'src/skills/',
    may: [
      'src/skills/',
      'src/lazily.ts',
      'src/errors.ts',
      'src/parse.ts',
      'machines/types.ts',
      'gray-matter',
      'yaml',
      'zod',
      'node:',
    ],
  },
  { of: 'src/parse-file.ts', may: ['src/errors.ts', 'src/lazily.ts', 'src/parse.ts', 'yaml', 'zod'] },
  {
    of: 'src/chains/',
    may: [
      'src/chains/',
      'src/errors.ts',
      'src/money.ts',
      'src/parse.ts',
      'src/parse-file.ts',
      'machines/',
      'yaml',
      'zod',
      'node:',
    ],
  },
  {
    of: 'src/workspaces/',
    may: [
      'src/workspaces/',
      'src/processes/',
      'src/ports.ts',
      'src/errors.ts',
      'src/parse.ts',
      'machines/types.ts',
      'execa',
      'simple-git',
      'zod',
      'node:',
    ],
  },
  {
    of: 'src/config/',
    may: [
      'src/config/',
      'src/api.ts',
      'src/options/',
      'src/world.ts',
      'src/errors.ts',
      'src/parse.ts',
      'src/parse-file.ts',
      'src/claude/options.ts',
      'zod',
      'node:',
    ],
  },
  { of: 'src/actors/', may: ['machines/', 'src/ports.ts', 'src/world.ts', 'src/errors.ts', 'xstate'] },
  {
    of: 'src/cli/',
    may: [
      'src/cli/',
      'src/index.ts',
      'src/mcp/',
      'src/inspector/',
      'src/diagrams/',
      // Light, and shared with what reads the configuration: a flag is parsed before the pool is loaded.
      'src/config/split-names.ts',
      'src/world.ts',
      'machines/index.ts',
      'src/testing/',
      'cli-table3',
      'cli-truncate',
      'commander',
      'log-update',
      'picocolors',
      'node:',
    ],
  },
  {
    of: 'src/mcp/',
    may: ['src/mcp/', 'src/index.ts', '@modelcontextprotocol/', 'zod', 'node:'],
  },
  {
    of: 'src/inspector/',
    may: ['src/inspector/', 'src/index.ts', 'src/diagrams/', 'machines/', 'xstate', 'zod', 'node:'],
  },
  {
    of: 'src/testing/',
    may: [
      'src/testing/',
      'src/ports.ts',
      'src/errors.ts',
      'src/money.ts',
      'machines/',
      'execa',
      'xstate',
      '@xstate/graph',
      'zod',
      'node:',
    ],
  },
  { of: 'src/', may: ['src/', 'machines/', 'eventemitter3', 'xstate', 'zod', 'node:'] },
];

const TOP_LEVEL = [
  'docs',
  'machines',
  'package-lock.json',
  'package.json',
  'README.md',
  'skills',
  'src',
  'test',
  'tsconfig.json',
];
const LICENCES = ['LICENSE-APACHE', 'LICENSE-MIT'];
const GENERATED = ['coverage', 'dist', 'node_modules', 'temp'];

test('every import stays within the borders of its folder', async () => {
  const trespasses: string[] = [];
  for (const file of await sources()) {
    const border = BORDERS.find(({ of }) => isWithin(file, of));
    for (const target of await importsOf(file)) {
      const isFree = border?.may.some((allowed) => isWithin(target, allowed)) === true;
      if (!isFree) trespasses.push(`${file} -> ${target}`);
    }
  }

  expect(trespasses).toEqual([]);
});

test('only one place creates actors and provides their ports, but for the model kit', async () => {
  const places: string[] = [];
  for (const file of await sources()) {
    if (file.startsWith('src/testing/model/')) continue;
    const text = await readFile(path.join(ROOT, file), 'utf8');
    if (file.startsWith('src/') && /\bcreateActor\(|\.provide\(/.test(text)) places.push(file);
  }

  expect(places).toEqual(['src/pool.ts']);
});

test('machines know neither time, nor chance, nor the process', async () => {
  const finds: string[] = [];
  for (const file of await sources()) {
    if (!file.startsWith('machines/')) continue;
    const text = await readFile(path.join(ROOT, file), 'utf8');
    const [find] =
      text.match(/Date\.now|new Date|Math\.random|setTimeout|setInterval|\bprocess\.[a-z]|\bconsole\./) ?? [];
    if (find !== undefined) finds.push(`${file}: ${find}`);
  }

  expect(finds).toEqual([]);
});

test('the environment and the working directory are read in adapters and faces only', async () => {
  const finds: string[] = [];
  for (const file of await sources()) {
    if (/^src\/(claude|cli|testing)\//.test(file)) continue;
    const text = await readFile(path.join(ROOT, file), 'utf8');
    if (/process\.(env|cwd)/.test(text)) finds.push(file);
  }

  expect(finds).toEqual([]);
});

test('nothing stands at the top level but what was agreed', async () => {
  const entries = await readdir(ROOT);

  const visible = entries.filter((name) => !name.startsWith('.') && !GENERATED.includes(name));
  const strangers = visible.filter((name) => !TOP_LEVEL.includes(name) && !LICENCES.includes(name));
  expect(strangers).toEqual([]);
});

async function sources(): Promise<readonly string[]> {
  const lists = await Promise.all(
    ['machines', 'src'].map(async (folder) => {
      const names = await readdir(path.join(ROOT, folder), { recursive: true });
      return names.filter((name) => name.endsWith('.ts')).map((name) => path.posix.join(folder, name));
    }),
  );
  return lists.flat().toSorted();
}

async function importsOf(file: string): Promise<readonly string[]> {
  const text = await readFile(path.join(ROOT, file), 'utf8');
  const specifiers = [...text.matchAll(/\b(?:from\s+|import\s*\(?\s*)'([^'\n]+)'/g)].map(
    ([, specifier = '']) => specifier,
  );
  return specifiers.map((specifier) =>
    specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier,
  );
}

function isWithin(target: string, border: string): boolean {
  return target === border || (/[/:]$/.test(border) && target.startsWith(border));
}
