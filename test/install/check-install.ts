/**
 * Packs the package, installs it on several versions of Node as a stranger would, and uses it from ES modules, CommonJS,
 * TypeScript and the shell. Installs from the registry. Versions of Node as arguments run those only.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import Table from 'cli-table3';
import { execa } from 'execa';
import type * as testing from 'claude-pool/testing';
import { ROOT, documentationPages } from '../docs/pages.ts';
import { writeProgram } from '../docs/program.ts';
import type { Program } from '../docs/program.ts';

const VERSIONS = ['20.19.0', '22.23.3', '24.21.0'];
const TYPESCRIPT = ['5.9.3', '7.0.2'];
const SUBPATHS = [
  'claude-pool',
  ...['machines', 'testing', 'mcp', 'inspector'].map((name) => `claude-pool/${name}`),
];
/** Pages whose examples are used. */
const PAGES = ['README.md', 'docs/getting-started.md', 'docs/embedding.md'];
const LIMIT_MS = 180_000;

interface Consumer {
  readonly folder: string;
  /** Runs a program of the consumer's Node, in its folder. */
  readonly node: (...args: readonly string[]) => Promise<string>;
}

interface Check {
  readonly name: string;
  readonly run: (consumer: Consumer) => Promise<unknown>;
}

const CHECKS: readonly Check[] = [
  { name: 'ES module: every entry', run: ({ node }) => node('entries.mjs') },
  { name: 'ES module: getting started', run: ({ node }) => node('getting-started.mjs') },
  { name: 'CommonJS: import()', run: ({ node }) => node('import.cjs') },
  { name: 'CommonJS: require()', run: ({ node }) => node('require.cjs') },
  ...TYPESCRIPT.map((version) => ({
    name: `TypeScript ${version}: examples`,
    run: ({ node }: Consumer) => node(`node_modules/typescript-${version}/bin/tsc`, '-p', '.'),
  })),
  { name: 'TypeScript: examples run', run: runExamples },
  {
    name: 'shell: claude-pool demo',
    run: ({ node }) => node(bin('claude-pool'), 'demo', '--fake', '--slots', '2', '--tasks', '3', '--json'),
  },
];

const work = await mkdtemp(path.join(tmpdir(), 'check-install-'));
try {
  const { stdout } = await execa('npm', ['pack', '--silent', '--pack-destination', work], { cwd: ROOT });
  const tarball = path.join(work, stdout.trim().split('\n').at(-1) ?? '');
  const chosen = process.argv.slice(2);
  const columns: string[][] = [];
  const versions = chosen.length > 0 ? chosen : VERSIONS;
  for (const version of versions) columns.push(await column(version, tarball));
  print(versions, columns);
} finally {
  await rm(work, { recursive: true, force: true, maxRetries: 5 });
}

/** What one version of Node has to say to each check. */
async function column(version: string, tarball: string): Promise<string[]> {
  const consumer = await install(version, tarball);
  const cells: string[] = [];
  for (const { name, run } of CHECKS) {
    const begin = performance.now();
    const fault = await run(consumer).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (fault !== undefined) {
      process.exitCode = 1;
      console.error(`Node ${version}, ${name}:`, fault);
    }
    cells.push(fault === undefined ? `${((performance.now() - begin) / 1000).toFixed(1)} s` : 'FAILED');
  }
  return cells;
}

/** A folder with the package from its tarball, installed by that Node, and a `claude` on its PATH that plays a script. */
async function install(version: string, tarball: string): Promise<Consumer> {
  const tools = path.join(work, `node-${version}`);
  const folder = path.join(work, `consumer-${version}`);
  await mkdir(path.join(tools, 'bin'), { recursive: true });
  await mkdir(folder);
  await execa('npm', ['install', '--prefix', tools, '--no-audit', '--no-fund', `node@${version}`], {
    cwd: tools,
  });
  const PATH = [path.join(tools, 'bin'), path.join(tools, 'node_modules/node/bin'), process.env['PATH']].join(
    ':',
  );
  const home = { HOME: tools, TMPDIR: tools, PATH };
  const run = async (file: string, args: readonly string[]): Promise<string> => {
    const options = { cwd: folder, env: home, extendEnv: false, timeout: LIMIT_MS, stdin: 'ignore' } as const;
    return (await execa(file, args, options)).stdout;
  };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  const compilers = TYPESCRIPT.map((number) => `typescript-${number}@npm:typescript@${number}`);
  const packages = [tarball, 'xstate@5.33.3', '@types/node@20.19.43', ...compilers];
  await run('npm', ['install', '--no-audit', '--no-fund', '--engine-strict', ...packages]);
  await writeSources(folder);
  await writeProgram(path.join(tools, 'bin/claude'), await fakeOf(folder));
  return { folder, node: (...args) => run('node', args) };
}

/** The fake Claude of the package that was installed. */
async function fakeOf(folder: string): Promise<Program> {
  const entry = path.join(folder, 'node_modules/claude-pool/dist/src/testing/index.js');
  const { fakeClaude } = (await import(pathToFileURL(entry).href)) as typeof testing;
  const { env, args } = fakeClaude({ script: { rules: [] } });
  return { command: 'node', args, env };
}

async function writeSources(folder: string): Promise<void> {
  const write = (name: string, text: string) => writeFile(path.join(folder, name), text);
  const pages = (await documentationPages()).filter(({ file }) => PAGES.includes(file));
  const examples = pages
    .flatMap(({ blocks }) => blocks)
    .filter(({ language, code }) => language === 'ts' && standsAlone(code));
  for (const { page, line, code } of examples)
    await write(`example-${path.basename(page, '.md')}-${line}.mts`, code);
  const hello = examples.find(({ page }) => page === 'docs/getting-started.md')?.code ?? '';
  await write('getting-started.mjs', hello);
  await write('entries.mjs', SUBPATHS.map((name) => `await import('${name}');`).join('\n'));
  await write('import.cjs', `import('claude-pool').then(async ({ createPool }) => {${USE}});`);
  await write('require.cjs', `const { createPool } = require('claude-pool');\n(async () => {${USE}})();`);
  await write('tsconfig.json', JSON.stringify(TSCONFIG));
}

/** Whether an example needs nothing from elsewhere on its page. */
function standsAlone(code: string): boolean {
  return /createPool\(/.test(code) || !/\bpool\b/.test(code);
}

const USE = `
  const pool = await createPool({ slots: 1 });
  const { output } = await pool.run('Say hello.');
  await pool.drain();
  if (output !== 'echo: Say hello.') throw new Error(output);
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
  },
  include: ['*.mts'],
};

async function runExamples({ folder, node }: Consumer): Promise<void> {
  const sources = (await documentationPages()).filter(({ file }) => PAGES.includes(file));
  for (const { page, line, code, language } of sources.flatMap(({ blocks }) => blocks)) {
    if (language === 'ts' && standsAlone(code))
      await node(`example-${path.basename(page, '.md')}-${line}.mjs`);
  }
  await readFile(path.join(folder, 'package.json'));
}

function bin(name: string): string {
  return path.join('node_modules/.bin', name);
}

function print(versions: readonly string[], columns: readonly (readonly string[])[]): void {
  const table = new Table({ head: ['', ...versions.map((version) => `Node ${version}`)] });
  for (const [index, { name }] of CHECKS.entries()) {
    table.push([name, ...columns.map((cells) => cells[index] ?? '')]);
  }
  console.log(table.toString());
}
