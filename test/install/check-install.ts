/**
 * Packs the package, installs it on several versions of Node as a stranger would, and uses it from ES modules, CommonJS,
 * TypeScript and the shell. Installs from the registry. Versions of Node as arguments run those only.
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import Table from 'cli-table3';
import { ExecaError, execa } from 'execa';
import type * as testing from 'claude-pool/testing';
import { STRICT } from '../docs/example-folder.ts';
import { ROOT, documentationPages } from '../docs/pages.ts';
import type { CodeBlock } from '../docs/pages.ts';
import { writeProgram } from '../docs/program.ts';
import type { Program } from '../docs/program.ts';

const VERSIONS = ['20.19.0', '22.23.3', '24.21.0'];
const TYPESCRIPT = ['5.9.3', '7.0.2'];
const SUBPATHS = [
  'claude-pool',
  ...['machines', 'testing', 'mcp', 'inspector'].map((name) => `claude-pool/${name}`),
];
/** Pages whose examples are used. */
const PAGES = ['README.md', 'docs/getting-started.md'];
/** Files that are taken along, because the examples of a page are in them. */
const SOURCES = ['docs/examples', 'test/install/embedding-tour.ts'];
const LONGEST_FAULT = 4_000;
const LIMIT_MS = 180_000;

const USE = `
  const pool = await createPool({ slots: 1 });
  const { output } = await pool.run('Say hello.');
  await pool.drain();
  if (output !== 'echo: Say hello.') throw new Error(output);
`;

const TSCONFIG = {
  // With `exactOptionalPropertyTypes` XState's own declarations have errors.
  compilerOptions: { ...STRICT, skipLibCheck: false },
  include: ['*.mts', 'docs', 'test'],
};

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Consumer {
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
  { name: 'README and first steps run', run: runExamples },
  { name: 'examples of embedding run', run: ({ node }) => node('test/install/embedding-tour.js') },
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
      console.error(`Node ${version}, ${name}:\n${told(fault)}\n`);
    }
    cells.push(fault === undefined ? `${((performance.now() - begin) / 1000).toFixed(1)} s` : 'FAILED');
  }
  return cells;
}

function told(fault: unknown): string {
  const text =
    fault instanceof ExecaError ? [fault.shortMessage, fault.stdout, fault.stderr].join('\n') : String(fault);
  return text.slice(0, LONGEST_FAULT);
}

/** A folder with the package from its tarball, installed by that Node, and a `claude` on its PATH that plays a script. */
async function install(version: string, tarball: string): Promise<Consumer> {
  const tools = path.join(work, `node-${version}`);
  const folder = path.join(work, `consumer-${version}`);
  await mkdir(path.join(tools, 'bin'), { recursive: true });
  await mkdir(folder);
  await writeFile(path.join(tools, 'package.json'), '{}');
  await execa('npm', ['install', '--no-audit', '--no-fund', `node@${version}`], { cwd: tools });
  const PATH = [path.join(tools, 'bin'), path.join(tools, 'node_modules/node/bin'), process.env['PATH']].join(
    ':',
  );
  const options = { cwd: folder, timeout: LIMIT_MS, stdin: 'ignore' } as const;
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const npm = (...args: readonly string[]) =>
    execa('npm', ['install', '--no-audit', '--no-fund', ...args], { ...options, env: { PATH } });
  await npm('--engine-strict', tarball);
  const compilers = TYPESCRIPT.map((number) => `typescript-${number}@npm:typescript@${number}`);
  await npm(...(await neighbours()), ...compilers);
  await writeSources(folder);
  await writeProgram(path.join(tools, 'bin/claude'), await fakeOf(folder));
  const stranger = { ...options, env: { HOME: tools, TMPDIR: tools, PATH }, extendEnv: false };
  return { node: async (...args) => (await execa('node', args, stranger)).stdout };
}

/** Packages that the examples import beside this one, as this repository has them. */
async function neighbours(): Promise<readonly string[]> {
  const text = await readFile(path.join(ROOT, 'package.json'), 'utf8');
  const { dependencies, devDependencies } = JSON.parse(text) as Manifest;
  const versions: Readonly<Record<string, string>> = { ...devDependencies, ...dependencies };
  return ['xstate', 'fastify', '@types/node'].map((name) => `${name}@${versions[name]}`);
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
  const examples = await standaloneExamples();
  for (const example of examples) await write(`${nameOf(example)}.mts`, example.code);
  const hello = examples.find(({ page }) => page === 'docs/getting-started.md')?.code ?? '';
  await write('getting-started.mjs', hello);
  await write('entries.mjs', SUBPATHS.map((name) => `await import('${name}');`).join('\n'));
  await write('import.cjs', `import('claude-pool').then(async ({ createPool }) => {${USE}});`);
  await write('require.cjs', `const { createPool } = require('claude-pool');\n(async () => {${USE}})();`);
  for (const source of SOURCES)
    await cp(path.join(ROOT, source), path.join(folder, source), { recursive: true });
  await write('tsconfig.json', JSON.stringify(TSCONFIG));
}

/** The examples that need nothing from elsewhere on their page. */
async function standaloneExamples(): Promise<readonly CodeBlock[]> {
  const pages = (await documentationPages()).filter(({ file }) => PAGES.includes(file));
  return pages
    .flatMap(({ blocks }) => blocks)
    .filter(
      ({ language, code }) => language === 'ts' && (/createPool\(/.test(code) || !/\bpool\b/.test(code)),
    );
}

function nameOf({ page, line }: CodeBlock): string {
  return `example-${path.basename(page, '.md')}-${line}`;
}

async function runExamples({ node }: Consumer): Promise<void> {
  for (const example of await standaloneExamples()) await node(`${nameOf(example)}.mjs`);
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
