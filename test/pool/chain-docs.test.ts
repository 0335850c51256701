import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fakeClaude } from 'claude-pool/testing';
import type { Script } from 'claude-pool/testing';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PLAN = { when: 'Plan the change', answers: [{ text: '{ "kind": "bug", "files": ["a.ts"] }' }] };
const HANG = { when: 'Summarize this', answers: [{ silence: true }] } as const;

test('the example of the page on chains runs as it stands', async () => {
  const lines = await linesOf('docs/chains.md', { rules: [PLAN, HANG] });

  expect(lines).toEqual([
    'completed echo: Make the tests pass. undefined',
    "[ 'summarize' ]",
    '[',
    "  'summarize: cancelled',",
    ...['plan', 'implement', 'tests', 'checks'].map((name) => `  '${name}: skipped',`),
    "  'propose: skipped'",
    ']',
  ]);
});

test('the example of the page on skills runs as it stands', async () => {
  const review = { when: 'src/pool.ts', answers: [{ text: 'No faults.' }] };

  expect(await linesOf('docs/skills.md', { rules: [review] })).toEqual([
    'No faults.',
    'echo: Greet the reader.',
  ]);
});

/** What the TypeScript of a page prints, with a pool of fake Claudes as its `pool`. */
async function linesOf(page: string, script: Script): Promise<readonly string[]> {
  const text = await readFile(path.join(ROOT, page), 'utf8');
  const blocks = [...text.matchAll(/```ts\n([^`]*(?:`[^`\n]+`[^`]*)*?)```/g)].map(([, block = '']) => block);
  await using folder = await packageFolder();
  const { env, ...claude } = fakeClaude({ script });
  const opening = [
    "import { createPool, loadChain } from 'claude-pool';",
    `const claude = { ...${JSON.stringify({ ...claude, cwd: folder.path })}, env: ${JSON.stringify({ ...env, CLAUDE_CONFIG_DIR: folder.path })} };`,
    'await using pool = await createPool({ claude });',
    'void loadChain;',
  ];
  await writeFile(path.join(folder.path, 'example.mts'), [...opening, ...blocks].join('\n'));

  const { stdout } = await execa(process.execPath, ['--import', import.meta.resolve('tsx'), 'example.mts'], {
    cwd: folder.path,
  });
  return stdout.split('\n');
}

async function packageFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'docs-'));
  await mkdir(path.join(folder, 'node_modules'));
  await symlink(ROOT, path.join(folder, 'node_modules/claude-pool'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
